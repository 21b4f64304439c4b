import { z } from 'zod';

export const settings = z.strictObject({
  port: z
    .int()
    .min(1024)
    .max(65_535)
    .default(8080)
    .describe("Port on the host's own address where the dashboard serves the proxies"),
  processes: z.int().min(1).max(256).default(2).describe('Processes of the dashboard on each host'),
  threads: z.int().min(1).max(256).default(8).describe('Requests that one process works on at a time'),
  sessionMinutes: z
    .int()
    .min(5)
    .max(10_080)
    .default(60)
    .describe('How long somebody stays signed in; a token of Keystone that ends earlier ends it earlier'),
  hostNames: z
    .array(z.string().regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address'))
    .default([])
    .describe('More names under which browsers may ask for the dashboard, besides those of the public VIP'),
  otherOrigins: z
    .array(
      z
        .string()
        .regex(
          /^(https|wss):\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/,
          'must be an origin such as https://consoles.example.org:6080',
        ),
    )
    .default([])
    .describe(
      'Other origins whose pages the dashboard may show and which its pages may ask, such as the proxies of consoles; browsers refuse all others',
    ),
});

export type HorizonSettings = z.infer<typeof settings>;
