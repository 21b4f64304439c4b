#!/bin/sh
# Written by mcp from host/chrony-options.sh. Changes here are overwritten.
# Tells chronyd not to touch the clock where the kernel would refuse it: without CAP_SYS_TIME (bit 25), in a container.
set -eu
mkdir -p /run/mcp
may=$(sed -n 's/^CapBnd:\t*//p' /proc/self/status)
if [ $((0x$may >> 25 & 1)) = 1 ]; then options='-F 1'; else options='-x'; fi
echo "DAEMON_OPTS=\"$options\"" >/run/mcp/chrony.env
