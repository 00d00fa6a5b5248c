def with_retries(page, attempts=3):
    last = None
    for attempt in range(1, attempts + 1):
        try:
            return fetch_page(page)["items"]
        except ConnectionError as e:
            last = e
            print(f"attempt {attempt} of {attempts} failed: {e}")
    raise RuntimeError(f"gave up on page {page}: {last}")


collected, failures = [], []
for page in (1, 4, 2):
    try:
        collected += with_retries(page, attempts=2)
    except RuntimeError as e:
        failures.append(str(e))

{"collected": collected, "failures": failures}
