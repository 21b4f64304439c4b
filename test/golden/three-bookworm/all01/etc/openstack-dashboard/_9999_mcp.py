# Written by mcp from horizon/settings.py.hbs. Changes here are overwritten; put yours into overrides/.
# Debian's settings stay as they are; this file is read after them.

DEBUG = False
# The names and addresses by which browsers and the proxies ask; anything else is refused.
ALLOWED_HOSTS = ['cloud.lab', '10.77.1.102', '10.77.1.11', 'localhost', '127.0.0.1']
# The same on all proxies, so that a session or form from one is good on the other.
SECRET_KEY = 'secret-of-horizon-secretKey'

# Sessions lie on all control hosts' memcached: a proxy can go without anybody being signed out.
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
SESSION_TIMEOUT = 3600
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.memcached.PyMemcacheCache',
        'LOCATION': ['10.77.1.11:11211', '10.77.1.12:11211', '10.77.1.13:11211'],
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

# The proxy ends TLS and says so; it replaces what a client claims itself.
SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')
USE_X_FORWARDED_HOST = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True

# The sign-in page does not ask Keystone; a sign-in does.
OPENSTACK_HOST = '10.77.1.100'
OPENSTACK_KEYSTONE_URL = 'https://10.77.1.100:5000/v3'
OPENSTACK_SSL_CACERT = '/etc/ssl/certs/ca-certificates.crt'
AVAILABLE_REGIONS = [(OPENSTACK_KEYSTONE_URL, 'RegionOne')]
OPENSTACK_ENDPOINT_TYPE = 'internalURL'
