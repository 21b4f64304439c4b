/** Programs for hosts, read by shellcheck as they stand and imported as their text. */
declare module '*.sh' {
  const text: string;
  export default text;
}

/** The same, read by mypy and pyflakes. */
declare module '*.py' {
  const text: string;
  export default text;
}

/** What the shells of operators complete by. */
declare module '*.bash' {
  const text: string;
  export default text;
}
declare module '*.zsh' {
  const text: string;
  export default text;
}
declare module '*.fish' {
  const text: string;
  export default text;
}
