"""Data centers."""

from cudo_sandbox.addresses import public_free
from cudo_sandbox.catalogue import DATA_CENTERS
from cudo_sandbox.router import Call, Reply, Route


def list_data_centers(call: Call) -> Reply:
    shown = [{**body, "ipv4Free": public_free(call.tx, name)} for name, body in DATA_CENTERS.items()]
    return {"dataCenters": shown}


ROUTES = (Route("GET", "/v1/vms/data-centers", list_data_centers),)
