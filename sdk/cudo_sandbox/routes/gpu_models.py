"""GPU models."""

from cudo_sandbox.catalogue import GPU_MODELS
from cudo_sandbox.router import Call, Reply, Route


def list_gpu_models(_call: Call) -> Reply:
    return {"gpuModels": GPU_MODELS}


ROUTES = (Route("GET", "/v1/vms/gpu-models", list_gpu_models),)
