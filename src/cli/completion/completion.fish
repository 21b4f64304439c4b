# Completion of mcp for fish. For this shell:   mcp completion fish | source
# For all shells:   mcp completion fish > ~/.config/fish/completions/mcp.fish
function __mcp_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program __complete -- $words "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':dirs'
                __fish_complete_directories "$current"
            case ':*'
            case '*'
                echo -- $line
        end
    end
end
complete -c mcp -f -a '(__mcp_complete)'
