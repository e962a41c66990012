export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/**
 * The scripts that connect a shell with `lite-migr completion SHELL --line …`, which prints one completion per line, with a description after a tab. The
 * line `:files` asks the shell for files.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
	bash: `_lite_migr() {
	local line word break found=()
	word="\${COMP_LINE:0:COMP_POINT}"
	word="\${word##* }"
	# Bash replaces only what follows the last separator.
	break="\${word%"\${word##*[=:]}"}"
	while IFS= read -r line; do
		if [ "$line" = :files ]; then
			compopt -o default
			COMPREPLY=()
			return
		fi
		line="\${line%%$'\\t'*}"
		found+=("\${line#"$break"}")
	done < <("$1" completion bash --line="\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
	COMPREPLY=("\${found[@]}")
	case "\${found[0]}" in
		*= | *.) compopt -o nospace ;;
	esac
}
complete -F _lite_migr lite-migr
`,
	zsh: `#compdef lite-migr
_lite_migr() {
	local line
	local -a full partial
	for line in "\${(@f)$("\${words[1]}" completion zsh --line="\${(j: :)words[1,CURRENT]}" 2>/dev/null)}"; do
		if [[ "$line" == :files ]]; then
			compset -P '*='
			_files
			return
		fi
		[[ -z "$line" ]] && continue
		case "\${line%%$'\\t'*}" in
			*= | *.) partial+=("\${line%%$'\\t'*}") ;;
			*) full+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
		esac
	done
	(( \${#partial} )) && compadd -S '' -- "\${partial[@]}"
	(( \${#full} )) && _describe -V 'lite-migr' full
}
if [ "\${funcstack[1]}" = _lite_migr ]; then
	_lite_migr "$@"
else
	compdef _lite_migr lite-migr
fi
`,
	fish: `function __lite_migr
	set -l line (commandline -cp)
	set -l program (commandline -opc)[1]
	for found in ($program completion fish --line="$line" 2>/dev/null)
		if test "$found" = :files
			__fish_complete_path (string replace -r '^--[^=]*=' '' -- (commandline -ct))
		else
			echo $found
		end
	end
end
complete -c lite-migr -f -a '(__lite_migr)'
`,
};
