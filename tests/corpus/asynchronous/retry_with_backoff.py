import asyncio

attempts = []


async def with_retry(function, *args, tries=3, delay=0.001):
    for attempt in range(1, tries + 1):
        try:
            return await function(*args)
        except ConnectionError as error:
            attempts.append([attempt, str(error)])
            if attempt == tries:
                raise
            await asyncio.sleep(delay * 2 ** attempt)


try:
    await with_retry(fetch_page, 9)
except ConnectionError as error:
    outcome = f"gave up: {error}"
[(await with_retry(fetch_page, 2))["next"], outcome, attempts]
