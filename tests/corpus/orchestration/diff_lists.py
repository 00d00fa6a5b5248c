known = {o["id"]: o for o in orders}
incoming = [{"id": 1, "status": "paid"}, {"id": 3, "status": "paid"}, {"id": 7, "status": "open"}]
added = [i["id"] for i in incoming if i["id"] not in known]
changed = {i["id"]: [known[i["id"]]["status"], i["status"]] for i in incoming if i["id"] in known and known[i["id"]]["status"] != i["status"]}
removed = sorted(known.keys() - {i["id"] for i in incoming})
{"added": added, "changed": {str(k): v for k, v in changed.items()}, "removed": removed}
