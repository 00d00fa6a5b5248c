import json


def load():
    return [o for o in orders if o["status"] == "paid"]


def transform(rows):
    return {r["sku"]: {"eur": r["price"] * r["quantity"], "usd": convert(r["price"] * r["quantity"], "EUR", "USD")} for r in rows}


def main():
    result = transform(load())
    print(json.dumps(result, indent=2, sort_keys=True))
    return result


if __name__ == "__main__":
    output = main()
output
