import ipaddress
from http import HTTPMethod, HTTPStatus

network = ipaddress.ip_network("10.1.0.0/22")
try:
    ipaddress.ip_address("300.1.1.1")
except ValueError as error:
    message = str(error)
[network.num_addresses, str(network.netmask), ipaddress.ip_address("10.1.2.3") in network, [str(s) for s in network.subnets(new_prefix=24)], message, ipaddress.ip_address("::1").is_loopback, ipaddress.ip_interface("192.168.1.5/24").network.with_prefixlen, str(ipaddress.ip_address("10.0.0.1") + 5), network.overlaps(ipaddress.ip_network("10.1.3.0/24")), HTTPStatus.NOT_FOUND.value, HTTPStatus(503).phrase, HTTPStatus.OK == 200, HTTPStatus.CREATED.is_success, HTTPMethod.POST.value]
