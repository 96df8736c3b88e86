"""Data centers."""

from cudo_sandbox.catalogue import DATA_CENTERS
from cudo_sandbox.router import Call, Reply, Route


def list_data_centers(_call: Call) -> Reply:
    return {"dataCenters": list(DATA_CENTERS.values())}


ROUTES = (Route("GET", "/v1/vms/data-centers", list_data_centers),)
