import uuid

fixed = uuid.UUID("12345678-1234-5678-1234-567812345678")
[str(fixed), fixed.hex, fixed.version, str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.com")), str(uuid.uuid3(uuid.NAMESPACE_URL, "x")), len(str(uuid.uuid4())), uuid.uuid4().version, uuid.uuid4() != uuid.uuid4(), fixed.int % 1000, uuid.UUID(int=5).hex[-3:], sorted([uuid.UUID(int=2), uuid.UUID(int=1)])[0].int]
