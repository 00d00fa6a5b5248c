import asyncio

results = await asyncio.gather(get_user(1), get_user(99), get_price("XXX"), reserve("TEA", 9), return_exceptions=True)
told = []
for result in results:
    if isinstance(result, FunctionError):
        told.append([result.type, result.message])
    elif isinstance(result, BaseException):
        told.append([type(result).__name__, str(result)])
    else:
        told.append(result["name"])
told
