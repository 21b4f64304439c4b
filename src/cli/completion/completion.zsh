#compdef mcp
# Completion of mcp for zsh. For this shell, after compinit:   source <(mcp completion zsh)
# For all shells:   mcp completion zsh > "${fpath[1]}/_mcp"
_mcp() {
  local line more=none
  local -a offered
  for line in "${(@f)$("${(Q)words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      (:*) more=${line#:} ;;
      (*$'\t'*) offered+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
      (?*) offered+=("${line//:/\\:}") ;;
    esac
  done
  local -a suffix
  [[ $more == more ]] && suffix=(-S '')
  (( $#offered )) && _describe mcp offered "${suffix[@]}"
  case $more in
    (files) _files ;;
    (dirs) _files -/ ;;
  esac
}
if [[ ${funcstack[1]} == _mcp ]]; then
  _mcp "$@"
else
  compdef _mcp mcp
fi
