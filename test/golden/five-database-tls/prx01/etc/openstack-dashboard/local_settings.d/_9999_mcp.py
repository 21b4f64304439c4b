# Written by mcp from horizon/settings.py.hbs. Changes here are overwritten; put yours into overrides/.
# Debian's settings stay as they are; this file is read after them.
import pymysql

DEBUG = False
# The names and addresses by which browsers and the proxies ask; anything else is refused.
ALLOWED_HOSTS = ['cloud.lab', '10.77.0.102', '10.77.0.14', 'localhost', '127.0.0.1']
# The same on all proxies, so that a session or form from one is good on the other.
SECRET_KEY = 'secret-of-horizon-secretKey'

# Sessions lie in the database, with all control hosts' memcached in front: neither a proxy nor a cache that goes signs
# anybody out.
SESSION_ENGINE = 'django.contrib.sessions.backends.cached_db'
SESSION_TIMEOUT = 3600
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': ['10.77.0.11:11211', '10.77.0.12:11211', '10.77.0.13:11211'],
        'OPTIONS': {
            # A host that is down costs one request a third of a second, then half a minute nothing; its sessions end.
            'connect_timeout': 0.3,
            'timeout': 0.5,
            'no_delay': True,
            'ignore_exc': True,
            'retry_attempts': 0,
            'dead_timeout': 30,
            'use_pooling': True,
        },
    },
}

# Through the VIP, which leads to the one writer. A connection lives for one request, so a move of the writer costs the
# requests of that moment and nothing after.
pymysql.install_as_MySQLdb()
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.mysql',
        'HOST': '10.77.0.101',
        'PORT': 3306,
        'NAME': 'horizon',
        'USER': 'horizon',
        'PASSWORD': 'secret-of-horizon-database',
        'CONN_MAX_AGE': 0,
        'OPTIONS': {
            'connect_timeout': 5,
            'read_timeout': 10,
            'write_timeout': 10,
            'init_command': "SET sql_mode='STRICT_TRANS_TABLES'",
            # By TLS, with a certificate of the VIP. PyMySQL goes on without where the database says that it has none.
            'ssl': {'ca': '/usr/local/share/ca-certificates/mcp-lab.crt'},
        },
    },
}
DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'

# The proxy ends TLS and says so; it replaces what a client claims itself.
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
USE_X_FORWARDED_HOST = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
# No script reads who is signed in. That of forms is read by the pages' own scripts, which send it along with requests.
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False
# Not sent with what other sites make a browser ask for. Strict would show who follows a link to the dashboard the sign-in
# page though signed in.
SESSION_COOKIE_SAMESITE = 'Lax'
CSRF_COOKIE_SAMESITE = 'Lax'

# What was typed as a password is not shown, and browsers are asked not to keep it.
HORIZON_CONFIG['disable_password_reveal'] = True
HORIZON_CONFIG['password_autocomplete'] = 'off'

# The sign-in page does not ask Keystone; a sign-in does.
OPENSTACK_HOST = 'internal.cloud.lab'
OPENSTACK_KEYSTONE_URL = 'https://internal.cloud.lab:5000/v3'
OPENSTACK_SSL_CACERT = '/etc/ssl/certs/ca-certificates.crt'
AVAILABLE_REGIONS = [(OPENSTACK_KEYSTONE_URL, 'RegionOne')]
OPENSTACK_ENDPOINT_TYPE = 'internalURL'
