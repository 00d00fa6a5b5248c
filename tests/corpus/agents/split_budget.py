budget = 1000
weights = {"north": 3, "south": 2, "west": 1}
whole = sum(weights.values())
shares = {region: budget * weight // whole for region, weight in weights.items()}
rest = budget - sum(shares.values())
for region in sorted(shares, key=lambda r: -weights[r])[:rest]:
    shares[region] += 1

spent = {}
for row in query("sales"):
    spent[row["region"]] = spent.get(row["region"], 0) + row["units"]
usage = {region: round(spent[region] / shares[region], 4) for region in shares}
send("finance@example.com", f"Budget split: {shares['north']}/{shares['south']}/{shares['west']}")
{"shares": shares, "check": sum(shares.values()) == budget, "usage": usage}
