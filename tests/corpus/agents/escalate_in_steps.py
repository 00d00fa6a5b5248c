import asyncio
import time


async def escalate(ticket):
    for level in ("support", "lead", "director"):
        answer = send(f"{level}@example.com", f"Ticket {ticket['id']}: {ticket['subject']}", urgent=level != "support")
        if answer["priority"] == "high":
            return {"id": ticket["id"], "level": level}
        await asyncio.sleep(0.01)
    return {"id": ticket["id"], "level": None}


started = time.time()
tickets = await search_tickets(status="open", limit=2)
done = await asyncio.gather(*[escalate(t) for t in tickets])
elapsed = time.time() - started
{"done": done, "quick": elapsed < 60}
