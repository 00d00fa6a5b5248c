from itertools import batched, islice


def numbers():
    page = 1
    while page:
        answer = fetch_page(page)
        yield from answer["items"]
        page = answer["next"]


[[list(b) for b in batched(numbers(), 4)], list(islice(numbers(), 2)), [sum(b) for b in batched(numbers(), 3)]]
