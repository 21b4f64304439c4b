import { unit } from './layout.ts';

/** Undoes what ended a server: systemd starts it by itself, this is for a host where that failed. Safe where it runs. */
export const startServer = `systemctl reset-failed ${unit} 2>/dev/null
if ! systemctl is-active --quiet ${unit}; then systemctl start --no-block ${unit}; fi
`;
