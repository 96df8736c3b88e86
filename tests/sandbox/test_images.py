"""Private images."""

IMAGES = "/v1/projects/demo/images"


def test_image_of_a_vm_becomes_ready_and_boots_another(world, vm_body):
    query = {"vmId": "web-1", "id": "new-image", "description": "as it is"}
    image = world.ok("POST", IMAGES, params=query)["image"]
    assert image == {
        "id": "new-image",
        "projectId": "demo",
        "dataCenterId": "gb-bournemouth-1",
        "description": "as it is",
        "platform": "linux",
        "sizeGib": 4,
        "state": "CREATING",
    }
    boot = vm_body | {"bootDiskImageId": "new-image"}
    assert world.refused("POST", "/v1/projects/demo/vm", json=boot)[1] == 9
    world.wait(3)
    vm = world.ok("POST", "/v1/projects/demo/vm", json=boot)["vm"]
    assert (vm["imageId"], vm["privateImageId"], "publicImageId" in vm) == ("new-image", "new-image", False)
    assert world.ok("GET", "/v1/projects/demo/disks/new-1-boot")["disk"]["privateImageId"] == "new-image"


def test_image_in_use_cannot_be_deleted(world, vm_body):
    world.ok("POST", "/v1/projects/demo/vm", json=vm_body | {"bootDiskImageId": "golden-1"})
    assert world.refused("DELETE", f"{IMAGES}/golden-1") == (400, 9, "image 'golden-1' is used by VM 'new-1'")
    world.ok("POST", "/v1/projects/demo/vms/new-1/terminate")
    world.wait(2)
    world.ok("DELETE", f"{IMAGES}/golden-1")
    world.wait(2)
    assert world.refused("GET", f"{IMAGES}/golden-1")[1] == 5


def test_image_boots_only_in_its_data_center(world, vm_body):
    elsewhere = {
        "dataCenterId": "gb-london-1",
        "machineType": "sky-lake-a4500",
        "bootDiskImageId": "golden-1",
    }
    assert world.refused("POST", "/v1/projects/demo/vm", json=vm_body | elsewhere)[1] == 3


def test_description_can_be_changed(world):
    world.ok("POST", f"{IMAGES}/golden-1", params={"description": "other"})
    assert world.ok("GET", f"{IMAGES}/golden-1")["image"]["description"] == "other"


def test_names_of_images_are_not_taken_twice(world):
    for name in ("golden-1", "debian-12"):
        assert world.refused("POST", IMAGES, params={"vmId": "web-1", "id": name})[1] == 6
