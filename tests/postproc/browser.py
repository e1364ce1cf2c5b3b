"""A headless Chromium for tests of pages; Debian's packages chromium, chromium-driver and python3-selenium."""
import pathlib
import time

BROWSER, DRIVER = pathlib.Path("/usr/bin/chromium"), pathlib.Path("/usr/bin/chromedriver")
FLAGS = ("--headless=new", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
         "--window-size=1100,1000", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND")


def missing() -> str:
    """Why there is no browser; empty when there is one."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "python3-selenium is not installed"
    absent = [path.name for path in (BROWSER, DRIVER) if not path.exists()]
    return f"{' and '.join(absent)} is not installed (apt install chromium chromium-driver)" if absent else ""


def start():
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.binary_location = str(BROWSER)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(str(DRIVER)), options=options)


def wait(driver, script: str, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if driver.execute_script(script):
            return True
        time.sleep(0.1)
    return False
