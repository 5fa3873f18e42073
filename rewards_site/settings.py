"""Laurel's settings: one file, read from the environment. Every name stands in `.env.example`."""

import secrets
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env("LAUREL_VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
"""What the embedded default writes: database, broker folders, uploads, secret key."""


def _secret_key() -> str:
    """SECRET_KEY, or one made once and kept in the var folder."""
    if key := env("SECRET_KEY", default=""):
        return key
    file = VAR_DIR / "secret_key"
    if not file.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(64))
    return file.read_text().strip()


SECRET_KEY = _secret_key()
CUSTOMER_KEY_SECRET = env("LAUREL_CUSTOMER_KEY_SECRET", default=SECRET_KEY)
DEBUG = env.bool("DEBUG", default=False)
HTTPS = env.bool("LAUREL_HTTPS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "rewards_site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "auditlog",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_tables2",
    "ninja",
    "oauth2_provider",
    "template_partials",
    "foundation.records",
    "foundation.jobs",
    "foundation.pages",
    "people",
    "ledger",
    "inbox",
    "interactions",
    "metrics",
    "scorecards",
    "goals",
    "leaderboards",
    "rewards.catalogue",
    "rewards.recognition",
    "rewards.thanks",
    "desk",
    "integrations.imports",
    "integrations.webhooks",
    "integrations.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "rewards_site.policies.Policies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "people.middleware.viewer_zone",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "foundation.pages.middleware.ClientLoginRedirect",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
    "foundation.pages.bodies.UnreadBody",
]

LAUREL_METRICS_ALLOW = env.list("LAUREL_METRICS_ALLOW", default=[])
if LAUREL_METRICS_ALLOW:
    MIDDLEWARE = [
        "django_prometheus.middleware.PrometheusBeforeMiddleware",
        *MIDDLEWARE,
        "django_prometheus.middleware.PrometheusAfterMiddleware",
    ]

ROOT_URLCONF = "rewards_site.urls"
WSGI_APPLICATION = "rewards_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rewards_site.navigation.page",
            ],
        },
    }
]

# Data -----------------------------------------------------------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'laurel.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if CACHE_URL := env("CACHE_URL", default=""):
    CACHES = {"default": env.cache_url_config(CACHE_URL)}

# Jobs -----------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem://"):
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("queue", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.05,
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://", "redis+socket://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    }
from .schedule import BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE  # noqa: E402,F401 - the schedule is part of the settings

# People and sign-in ---------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "people.backends.LaurelPermissions",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "people.signin.AccountAdapter"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
OAUTH2_PROVIDER_APPLICATION_MODEL = "api.Client"
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "integrations.api.oauth.Validator",
    "SCOPES_BACKEND_CLASS": "integrations.api.oauth.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 24 * 60 * 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 60 * 60,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if HTTPS else ["http", "https"],
    "ALLOW_LOCALHOST_LOOPBACK": True,
    "PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
"""Clients of the API. Tokens and secrets are kept as hashes only."""
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,20/5m/key"}
"""A whole floor signs in from one address at the same minute. Guessing is stopped by person and address, by axes."""
MFA_TOTP_ISSUER = "Laurel"
AUDITLOG_INCLUDE_TRACKING_MODELS = [
    {
        "model": "api.Client",
        "include_fields": [
            "name",
            "scopes",
            "is_on",
            "calls_a_minute",
            "replays_same_body",
            "redirect_uris",
            "authorization_grant_type",
            "skip_authorization",
        ],
    },
    "catalogue.Category",
    {"model": "catalogue.Item", "exclude_fields": ["stock"], "m2m_fields": ["divisions"]},
    "goals.Goal",
    "goals.GoalMultiplier",
    "goals.GoalTerms",
    "interactions.Evaluation",
    "leaderboards.Board",
    "ledger.Account",
    "metrics.Metric",
    "metrics.MetricCondition",
    "recognition.Budget",
    "recognition.LeadBudget",
    {"model": "thanks.AccessKey", "exclude_fields": ["digest"]},
    "thanks.Survey",
    {"model": "people.User", "exclude_fields": ["password", "last_login", "page_choices"]},
    "people.Division",
    "people.DivisionAssignment",
    "people.Grant",
    "people.Queue",
    "people.QueueMembership",
    "people.Role",
    "people.Team",
    "people.TeamLead",
    "people.TeamMembership",
    {"model": "scorecards.Badge", "m2m_fields": ["profiles", "divisions"]},
    "scorecards.BadgeLevel",
    "scorecards.Multiplier",
    "scorecards.Objective",
    "scorecards.ObjectiveTerms",
    "scorecards.Profile",
    "scorecards.ProfileAssignment",
    "scorecards.ScoringSwitch",
    {"model": "webhooks.Endpoint", "include_fields": ["name", "url", "events", "is_on"]},
    "webhooks.GoalLink",
    {
        "model": "webhooks.Source",
        "include_fields": ["name", "status_url", "window_seconds", "patience_hours", "is_on"],
    },
]
"""Configuration whose changes leave an entry when saved row by row; `update` and `bulk_create` leave none."""
AUDITLOG_DISABLE_REMOTE_ADDR = True
AXES_FAILURE_LIMIT = env.int("LAUREL_LOCKOUT_FAILURES", default=5)
AXES_COOLOFF_TIME = env.float("LAUREL_LOCKOUT_HOURS", default=0.25)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "people.signin.attempted_name"
AXES_CLIENT_IP_CALLABLE = "people.signin.client_address"
AXES_LOCKOUT_CALLABLE = "people.signin.locked_page"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="laurel@localhost")

# Pages ----------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = env("TIME_ZONE", default="UTC")
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "uploads"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Safety ---------------------------------------------------------------------------------------------------------

from .policies import PAGES  # noqa: E402 - the policies of pages and admin stand together

CONTENT_SECURITY_POLICY = {"DIRECTIVES": PAGES}
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz(/jobs)?$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
LAUREL_BEHIND_PROXY = env.bool("LAUREL_BEHIND_PROXY", default=False)
if LAUREL_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

# Laurel ---------------------------------------------------------------------------------------------------------

LAUREL_MINIMUM_GROUP = env.int("LAUREL_MINIMUM_GROUP", default=5)
LAUREL_PRIVACY_CONTACT = env("LAUREL_PRIVACY_CONTACT", default="")
LAUREL_PHONE_REGION = env("LAUREL_PHONE_REGION", default="").strip().upper()
LAUREL_UPDATE_MINUTES = env.int("LAUREL_UPDATE_MINUTES", default=60)
LAUREL_LATE_DATA_DAYS = env.int("LAUREL_LATE_DATA_DAYS", default=7)
LAUREL_IMPORT_MAX_MB = env.int("LAUREL_IMPORT_MAX_MB", default=1024)
LAUREL_KEEP_DAYS = {
    "people": env.int("LAUREL_KEEP_PEOPLE_DAYS", default=0),
    "looks": env.int("LAUREL_KEEP_LOOKS_DAYS", default=365),
    "standings": env.int("LAUREL_KEEP_STANDINGS_DAYS", default=800),
    "customers": env.int("LAUREL_KEEP_CUSTOMERS_DAYS", default=180),
    "thanks": env.int("LAUREL_KEEP_THANKS_DAYS", default=180),
    "inbox": env.int("LAUREL_KEEP_INBOX_DAYS", default=365),
    "uploads": env.int("LAUREL_KEEP_UPLOADS_DAYS", default=30),
}
LAUREL_KEPT = [
    "people.retention.PEOPLE",
    "people.retention.LOOKS",
    "interactions.retention.CUSTOMERS",
    "leaderboards.retention.STANDINGS",
    "leaderboards.retention.MEMBERS",
    "rewards.thanks.retention.RESPONSES",
    "inbox.retention.NOTIFICATIONS",
    "inbox.retention.DIGESTS",
    "integrations.imports.retention.UPLOADS",
]
LAUREL_ERASERS = [
    "rewards.catalogue.retention.erase",
    "rewards.recognition.retention.erase",
    "rewards.thanks.retention.erase",
    "integrations.imports.retention.erase",
    "integrations.api.retention.erase",
    "inbox.retention.erase",
]
LAUREL_SITE_URL = env("LAUREL_SITE_URL", default="http://localhost:8000")
LAUREL_DIGEST_HOUR = int(hour) if (hour := env("LAUREL_DIGEST_HOUR", default="7")) else None
LAUREL_DEFAULT_DIVISION = env("LAUREL_DEFAULT_DIVISION", default="Main")
LAUREL_WEBHOOK_ALLOW_PRIVATE = env.bool("LAUREL_WEBHOOK_ALLOW_PRIVATE", default=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}:{request_id} {message}", "style": "{"}},
    "filters": {
        "refusals": {"()": "rewards_site.logs.RefusalsInOneLine"},
        "request id": {"()": "foundation.pages.request_ids.WithRequestId"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals", "request id"]}
    },
    "loggers": {"axes": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
