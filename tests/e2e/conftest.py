pytest_plugins = ["tidewheel_fixtures"]
