"""The one settings file. Everything comes from the environment; docs/operations.md describes each name.

A mistake is not raised here but reported by `manage.py check` (shrink/checks.py), with what to write instead.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.schedules import crontab
from csp.constants import NONE, SELF

from shrink.environment import Environment, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = Environment(os.environ)

# --- where and as whom ------------------------------------------------------------------------------------------
DATA_DIR = ENVIRONMENT.data_dir(BASE_DIR / "var")
SECRET_KEY = ENVIRONMENT.secret_key(DATA_DIR)
# Operators' pseudonyms hang on it: a new key starts new pseudonyms, so it is kept apart from SECRET_KEY.
PSEUDONYM_KEY = ENVIRONMENT.text("PSEUDONYM_KEY") or kept_secret(DATA_DIR / "pseudonym_key")
DEBUG = ENVIRONMENT.flag("DEBUG")
BIND = ENVIRONMENT.text("BIND", "127.0.0.1")
PORT = ENVIRONMENT.number("PORT", 8000)
ALLOWED_HOSTS = ENVIRONMENT.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
HTTPS = ENVIRONMENT.flag("HTTPS")
TRUSTED_PROXIES = ENVIRONMENT.number("TRUSTED_PROXIES", 0)
LOG_LEVEL = ENVIRONMENT.text("LOG_LEVEL", "INFO").upper()
DEMO_SEED = ENVIRONMENT.number("DEMO_SEED", 7)

# --- seeing -----------------------------------------------------------------------------------------------------
# What comes with the product, by the name it is registered under; the first looks unless something else is chosen.
SHIPPED_DETECTORS = {name: str(BASE_DIR / "vision" / "weights" / name) for name in ("lane", "varied")}
DETECTOR = ENVIRONMENT.text("DETECTOR", SHIPPED_DETECTORS["lane"])
# Blurring keeps to the shipped model whatever a store chooses to detect with: it must know heads from above.
BLUR_DETECTOR = ENVIRONMENT.text("BLUR_DETECTOR", SHIPPED_DETECTORS["lane"])
FACE_MODEL = ENVIRONMENT.text("FACE_MODEL")

# Raw video is a ring buffer of this length; evidence for a case is cut out of it, blurred, before it goes.
SEGMENT_TTL_S = ENVIRONMENT.number("SEGMENT_TTL_S", 900)
# Pictures looked at per second of video, and the longer side they are scaled to, pixels.
ANALYSED_FPS = ENVIRONMENT.number("ANALYSED_FPS", 10)
ANALYSED_SIDE = ENVIRONMENT.number("ANALYSED_SIDE", 640)
# A till's clock further from its camera's is estimated and judged on all the same, but somebody should set it.
CLOCK_DRIFT_LIMIT_S = ENVIRONMENT.number("CLOCK_DRIFT_LIMIT_S", 60)

# --- Django -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "django_filters",
    "channels",
    "csp",
    "guardian",
    "auditlog",
    "privacy",
    "lanes",
    "pos",
    "vision",
    "cases",
    "edge",
    "shrink",
]
AUTH_USER_MODEL = "privacy.User"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "privacy.middleware.TrailMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
ROOT_URLCONF = "shrink.urls"
ASGI_APPLICATION = "shrink.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LOGIN_URL = "login"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- storage ----------------------------------------------------------------------------------------------------
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "db.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",  # a deferred transaction that turns to writing ignores the busy timeout
        "timeout": 20,
        # FULL: an event that was answered 200 survives a power cut, for one fsync per commit
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON",
    },
}
DATABASES: dict[str, Any] = {"default": ENVIRONMENT.database(SQLITE)}

# --- static files: served from where they lie, so there is no collecting ----------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG

# --- what the browser may do ------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.words("CSRF_TRUSTED_ORIGINS")

# --- live updates and background work: embedded, unless a server is named ---------------------------------------
REDIS_URL = ENVIRONMENT.text("REDIS_URL")
BROKER_URL = ENVIRONMENT.text("BROKER_URL") or REDIS_URL
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {"BACKEND": "shrink.redis_layer.PushingRedisLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    if REDIS_URL
    else {"BACKEND": "shrink.embedded.layer.RelayLayer", "CONFIG": {"path": DATA_DIR / "live.sock"}}
}
CAPTURE_CONCURRENCY = ENVIRONMENT.number("CAPTURE_CONCURRENCY", 32)
WORK_CONCURRENCY = ENVIRONMENT.number("WORK_CONCURRENCY", 2)

EMBEDDED_BROKER = "embedded://localhost"
CELERY_BROKER_URL = BROKER_URL or EMBEDDED_BROKER
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL == EMBEDDED_BROKER:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"path": str(DATA_DIR / "broker.sqlite3")}
elif CELERY_BROKER_URL.startswith("redis"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300}  # what a killed worker held comes back after it
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(BROKER_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "cases-lanes-look": {
        "task": "cases.lanes_look",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 2},
    },
    "vision-capture-tick": {
        "task": "vision.capture_tick",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 4},
    },
    "vision-analysis-tick": {
        "task": "vision.analysis_tick",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 4},
    },
    "vision-days-note": {"task": "vision.days_note", "schedule": timedelta(hours=1)},
    "vision-segments-expire": {"task": "vision.segments_expire", "schedule": timedelta(minutes=1)},
    "cases-evidence-sweep": {"task": "cases.evidence_sweep", "schedule": timedelta(seconds=30)},
    "cases-rates-pool": {"task": "cases.rates_pool", "schedule": timedelta(hours=1)},
    "cases-clocks-compare": {
        "task": "cases.clocks_compare",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "pos-feeds-look": {"task": "pos.feeds_look", "schedule": timedelta(seconds=15), "options": {"expires": 30}},
    "pos-feeds-grade": {"task": "pos.feeds_grade", "schedule": timedelta(minutes=10)},
    "pos-polls-due": {"task": "pos.polls_due", "schedule": timedelta(minutes=5), "options": {"expires": 240}},
    "pos-peers-compare": {"task": "pos.peers_compare_all", "schedule": crontab(hour=3, minute=20)},
    "privacy-expire": {"task": "privacy.expire", "schedule": timedelta(hours=1)},
    "edge-nodes-forget": {"task": "edge.nodes_forget", "schedule": timedelta(hours=1)},
}

# --- HTTP API ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "lanes.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["lanes.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shrink.api.parsing.JSONBody"],
    "DEFAULT_PAGINATION_CLASS": "shrink.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "shrink.api.schema.ContractSchema",
    "EXCEPTION_HANDLER": "shrink.api.problems.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Shrink",
    "DESCRIPTION": "Tills and cameras tell what happened; cases come out where they disagree.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {  # where two fields of one name have different words
        "PosEventTypeEnum": "pos.documentation.TYPES",
        "ApprovalOutcomeEnum": "pos.documentation.OUTCOMES",
        "OutcomeEnum": ["confirm", "dismiss", "more_context"],
    },
}

# --- what is said -----------------------------------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "celery": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
