/** Version of this program, as its package says it. */
export const programVersion = '0.1.0';
