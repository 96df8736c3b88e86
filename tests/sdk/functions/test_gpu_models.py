"""GPU models: the list that VMs can have."""

from cudo_sdk.functions.gpu_models import GPUModel
from cudo_sdk.testing import FakeTransport

GPUS = "GET /v1/vms/gpu-models"


def test_gpu_models_have_python_names_and_units():
    fake = FakeTransport({GPUS: {"gpuModels": [{"id": "nvidia-a40", "modelName": "A40", "memoryGib": 48}]}})

    models = fake.session().gpu_models.list_gpu_models()

    assert models == [GPUModel(id="nvidia-a40", model_name="A40", memory_gib=48)]


def test_key_that_is_missing_is_an_empty_list():
    assert FakeTransport({GPUS: {}}).session().gpu_models.list_gpu_models() == []
