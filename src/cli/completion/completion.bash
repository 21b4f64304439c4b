# Completion of mcp for bash 4.4 or later. For this shell:   source <(mcp completion bash)
# For all shells:   mcp completion bash > ~/.local/share/bash-completion/completions/mcp
_mcp() {
  local line more=none
  local program=${COMP_WORDS[0]/#\~/$HOME}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) more=${line#:} ;;
      *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <("$program" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $more in
    files) compopt -o default ;;
    dirs) compopt -o dirnames ;;
    more) compopt -o nospace ;;
  esac
}
complete -F _mcp mcp
