import type { HorizonSettings } from './settings.ts';

/**
 * What the dashboard's pages may load, and from where: itself, and nothing from elsewhere. Its pages carry scripts and
 * styles within them, which differ from page to page and have no nonce, and Hogan compiles its templates in the browser
 * (`new Function`): without both 'unsafe-' no page works. What was slipped into a page still can't bring a script from
 * elsewhere, send a form or what it read there, or move the page's base.
 */
export const pagePolicy = ({ otherOrigins }: Pick<HorizonSettings, 'otherOrigins'>): readonly string[] => [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  // Icons of jQuery UI lie within its styles.
  "img-src 'self' data:",
  ['connect-src', "'self'", ...otherOrigins].join(' '),
  ['frame-src', "'self'", ...otherOrigins].join(' '),
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  // The network topology shows pages of the dashboard in frames.
  "frame-ancestors 'self'",
];
