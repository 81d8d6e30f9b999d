from hostcheck_builtin.files import places


def test_every_path_is_a_plain_one_and_none_is_named_twice_for_an_engine() -> None:
    for kind, engines in places.USUAL.items():
        for engine, paths in engines.items():
            assert len(paths) == len(set(paths)), (kind, engine)
            assert all(path.startswith("/") and not path.endswith("/") and not path.startswith("/var/run") for path in paths)


def test_every_engine_has_a_program() -> None:
    assert {engine for engines in places.USUAL.values() for engine in engines} <= set(places.DAEMONS.values())


def test_programs_that_map_ids_are_judged_elsewhere() -> None:
    assert {"newuidmap", "newgidmap"}.isdisjoint((*places.DAEMONS, *places.HELPERS))


def test_the_nearest_directory_above_that_is_judged_itself() -> None:
    assert places.above("directories", "/etc/docker/certs.d/r") == "/etc/docker/certs.d"
    assert places.above("directories", "/etc/docker/certs.d") == "/etc/docker"
    assert places.above("directories", "/etc/dockerx") == places.above("daemon_json", "/etc/docker/daemon.json") == ""
    assert places.above("units", "/etc/systemd/system/docker.service.d") == "/etc/systemd/system"
