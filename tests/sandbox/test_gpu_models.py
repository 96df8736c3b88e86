"""GPU models."""


def test_published_models_are_listed_with_their_memory(world):
    listed = world.ok("GET", "/v1/vms/gpu-models")["gpuModels"]
    memory = {each["modelName"]: each["memoryGib"] for each in listed}
    assert memory == {
        "H100 SXM": 80,
        "H100 NVL": 94,
        "A100 80GB PCIe": 80,
        "L40S": 48,
        "A40": 48,
        "RTX A6000": 48,
        "RTX A5000": 24,
        "RTX A4500": 20,
        "RTX A4000": 16,
        "V100": 16,
        "RTX 3080": 10,
    }
    assert {each["vendorName"] for each in listed} == {"NVIDIA"}


def test_gpu_of_every_machine_type_is_a_listed_model(world):
    known = {each["id"] for each in world.ok("GET", "/v1/vms/gpu-models")["gpuModels"]}
    listings = ("/v1/vms/machine-types", "/v1/machines-types", "/v1/clusters/machine-types")
    used = {each["gpuModelId"] for path in listings for each in world.ok("GET", path)["machineTypes"]}
    assert used - {""} < known
