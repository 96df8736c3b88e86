"""Images from the command line."""


def test_public_and_private_images_are_shown_by_the_same_word(run):
    assert run("image get ubuntu-2404 --columns id,size_gib -o csv").out == "id,size_gib\nubuntu-2404,4\n"
    assert run("image get golden-1 --columns id,state -o csv").out == "id,state\ngolden-1,READY\n"


def test_list_shows_public_images_and_with_an_option_private_ones(run):
    assert "debian-12" in run("image list -q").out.split()
    assert run("image list --private -q").out == "golden-1\n"


def test_life_of_a_private_image(run):
    created = run("image create base-9 --vm web-2 --description first --columns id,state,description")
    assert (created.code, created.out) == (0, "id           base-9\nstate        READY\ndescription  first\n")
    assert run("image update base-9 --description second -o csv --columns description").out == (
        "description\nsecond\n"
    )
    assert run("image delete base-9").code == 8
    assert run("image delete base-9 --yes").err.splitlines()[-1] == "Image 'base-9' deleted."


def test_unknown_image_is_exit_4(run):
    assert run("image get nothing").code == 4
