TICKETS = ["How do I reset my password?", "It broke.", "The export of the quarterly report fails with an error whenever I try it."]
QUEUES = {"question": "support", "long": "engineering", "short": "triage"}
routed = {}
for number, ticket in enumerate(TICKETS, start=1):
    queue = QUEUES[classify(ticket)]
    routed.setdefault(queue, []).append(number)
messages = [send(f"{queue}@example.com", f"{len(numbers)} new: {', '.join(map(str, numbers))}", urgent=queue == "engineering") for queue, numbers in sorted(routed.items())]
{"routed": routed, "messages": messages}
