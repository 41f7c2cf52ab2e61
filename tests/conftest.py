"""What holds for every test, before anything of ours is imported."""

from tests.support.hygiene import clean_environment, hear_ctrl_c, stay_on_loopback

clean_environment()
hear_ctrl_c()
stay_on_loopback()

import django  # noqa: E402

# Now, so that the conftest of any folder may import models, also when pytest is given just that folder.
django.setup()

pytest_plugins = ["tests.support.browser", "tests.support.fixtures"]
