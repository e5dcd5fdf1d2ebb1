pytest_plugins = ["plane_fixtures"]
