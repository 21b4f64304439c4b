# Lets a unit start at boot, and be started at all. Each of these would have systemd read all unit files again by itself, which
# starts a dozen processes and holds up whoever asks systemd anything: once is enough, after the last of them.
: "${unit:?}"

systemctl unmask --no-reload --quiet "$unit"
systemctl unmask --no-reload --runtime --quiet "$unit"
# Debian's packages bring a script of the old kind beside most units, and systemctl would start perl to enable that as well,
# for seconds on a busy host. The unit alone decides (systemd's documentation of its environment).
SYSTEMCTL_SKIP_SYSV=1 systemctl enable --no-reload --quiet "$unit" || exit
systemctl daemon-reload || exit
