/** Programs for hosts, read by shellcheck as they stand and imported as their text. */
declare module '*.sh' {
  const text: string;
  export default text;
}
