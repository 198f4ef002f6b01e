"""What the command line says of outlets besides the output folder."""

from tests.delivery.buckets import KEY, SECRET, says, store

SETTINGS = """
[outlets.cdn]
type = "s3"
endpoint = "{url}"
bucket = "gazette"
access_key = "{key}"
secret_key = "{secret}"
"""


PUBLISH = 'action = "publish"\nfeeds = ["*"]\nwhen = "every 5m"\nfirst = "now"\n'


def give_bucket(publication, url):
    path = publication / "publisher.toml"
    written = SETTINGS.format(url=url, key=KEY, secret=SECRET)
    if "[output]" in path.read_text():
        path.write_text(
            path.read_text().replace("[output]", '[output]\noutlets = ["cdn"]') + written
        )
    else:
        path.write_text(path.read_text() + '\n[output]\noutlets = ["cdn"]\n' + written)


def found(cli):
    rows = {row["check"]: row for row in cli("--json", "doctor").json}
    return rows["outlet cdn"]["state"], rows["outlet cdn"]["detail"]


def test_documents_are_brought_and_what_is_not_is_named(cli, publication):
    with store() as bucket:
        give_bucket(publication, bucket.url)
        assert "without effect" not in cli("check").err
        cli("collect")
        published = cli("publish")
        assert published.code == 0
        number = len(bucket.objects)
        assert number > 10
        assert f"cdn: {number} documents brought" in published.err
        assert "cdn: 0 documents brought" in cli("publish").err
        bucket.always["PUT"] = says(403)
        (publication / "public/index.html").unlink()
        failed = cli("publish", "--json")
        assert failed.code == 1
        assert "cdn: gazette: 127.0.0.1" in failed.err
        assert "look at `access_key` and `secret_key`" in failed.err
        assert {"cdn"} == {row["path"] for row in failed.json if row["state"] == "failed"}


def test_a_secret_that_is_not_there_is_told_before_and_when_it_is_needed(cli, publication):
    give_bucket(publication, "http://127.0.0.1:1")
    path = publication / "publisher.toml"
    path.write_text(path.read_text().replace(f'"{SECRET}"', '{ env = "NO_SUCH_SECRET" }'))
    checked = cli("check")
    assert checked.code == 78
    assert "outlets.cdn.secret_key: the environment variable NO_SUCH_SECRET" in checked.err
    published = cli("publish")
    assert published.code == 1
    told = "cdn: publisher.toml: outlets.cdn.secret_key: the environment variable NO_SUCH_SECRET"
    assert told in published.err


def test_doctor_tries_outlets(cli, publication):
    with store() as bucket:
        give_bucket(publication, bucket.url)
        state, detail = found(cli)
        assert (state, "can list, write and remove" in detail) == ("ok", True)
        assert bucket.objects == {}
    state, detail = found(cli)
    assert (state, "is not reached" in detail) == ("problem", True)


def test_run_once_brings_documents(cli, publication):
    with store() as bucket:
        give_bucket(publication, bucket.url)
        (publication / "schedules/documents.toml").write_text(PUBLISH)
        ran = cli("run", "--once", "--no-web")
        assert bucket.objects
        assert f"cdn: {len(bucket.objects)} documents brought" in ran.err
