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


def test_published_images_are_listed_with_their_sizes(world):
    listed = world.ok("GET", "/v1/vms/public-images")["images"]
    assert {each["id"]: each["sizeGib"] for each in listed} == {
        "alpine-linux-319": 1,
        "debian-12": 2,
        "fedora-37": 20,
        "freebsd-13": 4,
        "rocky-linux-9": 10,
        "ubuntu-2204": 4,
        "ubuntu-2404": 4,
        "ubuntu-2204-nvidia-550-docker-v20250303": 10,
        "windows-11-pro": 50,
    }
    assert [each["id"] for each in listed if each["platform"] != "linux"] == ["windows-11-pro"]


def test_image_of_a_vm_in_passing_is_refused(world, vm_body):
    world.ok("POST", "/v1/projects/demo/vm", json=vm_body)
    status, code, message = world.refused("POST", IMAGES, params={"vmId": "new-1", "id": "new-image"})
    assert (status, code) == (400, 9)
    assert message == "cannot make an image of VM 'new-1' in state PENDING; it must be ACTIVE or STOPPED"
    assert world.refused("POST", IMAGES, params={"vmId": "none", "id": "new-image"})[1] == 5


def test_image_of_windows_is_windows(world, vm_body):
    windows = {"bootDiskImageId": "windows-11-pro", "password": "sesame"}
    world.ok("POST", "/v1/projects/demo/vm", json=vm_body | windows)
    world.wait(5)
    image = world.ok("POST", IMAGES, params={"vmId": "new-1", "id": "gold-windows"})["image"]
    assert (image["platform"], image["sizeGib"]) == ("windows", 50)
    world.wait(3)
    again = vm_body | {"vmId": "new-2", "bootDiskImageId": "gold-windows"}
    assert world.refused_fields("POST", "/v1/projects/demo/vm", json=again) == ["password"]


def test_unknown_image_is_not_found(world):
    for method, arguments in (("GET", {}), ("POST", {"params": {"description": "x"}}), ("DELETE", {})):
        assert world.refused(method, f"{IMAGES}/none", **arguments) == (404, 5, "image 'none' not found")
