# Written by mcp from api/thread-locks.py. Changes here are overwritten.
# Read by each process of an API before the service itself. Where eventlet is loaded, oslo.log gives Python's logging
# the locks of eventlet, and here it is loaded by a library and used by nobody. Two threads that log at the same moment
# then end in "cannot switch to a different thread": the process answers nothing any more, until it is restarted
# (https://bugs.launchpad.net/oslo.log/+bug/1983863, seen with oslo.log 5.0.1). Python's own locks are made for threads.
import oslo_log.log

oslo_log.log._fix_eventlet_logging = lambda: None
