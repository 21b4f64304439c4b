/** "2026-11-28 01:02" of an ISO time in UTC: nobody asks for the seconds of what was hours ago. */
export const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ');
