/**
 * `headcount completion`: a script for the shell. The script asks the program at every tab (complete.ts), so it always
 * knows the options of the installed version.
 */
import type { Run } from '../shared/command.ts';
import { COMPLETE } from './complete.ts';

/** Also works in the bash 3.2 of macOS. bash splits words at `=`, so the script removes the part up to the `=`. */
const BASH = `# Completion of headcount for bash: source <(headcount completion bash)
_headcount() {
  local line word=\${COMP_WORDS[COMP_CWORD]} directive=
  COMPREPLY=()
  [ "$word" = = ] && word=
  while IFS= read -r line; do
    case $line in
      :*) directive=$line ;;
      *)
        line=\${line%%$'\\t'*}
        [ "\${COMP_WORDS[COMP_CWORD]}" = = ] || [ "\${COMP_WORDS[COMP_CWORD - 1]}" = = ] && line=\${line#*=}
        case $line in "$word"*) COMPREPLY+=("$line") ;; esac
        ;;
    esac
  done < <(headcount ${COMPLETE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [ "$directive" = :0 ] && compopt -o default 2>/dev/null
  return 0
}
complete -F _headcount headcount
`;

const ZSH = `#compdef headcount
# Completion of headcount for zsh: headcount completion zsh > "\${fpath[1]}/_headcount"
_headcount() {
  local line directive=
  local -a found
  while IFS= read -r line; do
    case $line in
      :*) directive=$line ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(headcount ${COMPLETE} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe 'headcount' found
  elif [[ $directive == :0 ]]; then
    compset -P '*='
    _files
  fi
}
if [[ $funcstack[1] == _headcount ]]; then
  _headcount "$@"
else
  compdef _headcount headcount
fi
`;

const FISH = `# Completion of headcount for fish: headcount completion fish > ~/.config/fish/completions/headcount.fish
function __headcount_complete
    set -l before (commandline -opc)
    set -l word (commandline -ct)
    set -l lines (headcount ${COMPLETE} $before[2..-1] "$word" 2>/dev/null)
    for line in $lines
        switch $line
            case ':0'
                __fish_complete_path "$word"
            case ':*'
            case '*'
                echo $line
        end
    end
end
complete -c headcount -f -a '(__headcount_complete)'
`;

const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH };

export const completionScript: Run = async ({ files: [shell] }, { stdout }) => {
  stdout.write(SCRIPTS[shell as keyof typeof SCRIPTS]);
  return 0;
};
