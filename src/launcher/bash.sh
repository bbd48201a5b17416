# Blocks the deployment until its Jira Service Management change request is approved and inside its window.
# Generated from the project's sources: change them there, then build the template anew.
#
# What this does, in order: find Node, start it, hand over the bundle and the variables, run, clean up. Everything goes
# through Node's standard input, so that no secret stands on a command line, in a file or in an environment that
# others can read, and nothing is left on the disk of the worker. That input stays open while the action runs: when
# this shell is killed it closes, and the action ends with it.

# Ends the step. A gate leaves its decision behind even when its action could not run.
jsm_change_fail() {
  local value=
  printf '%s\n' "$1"
  jsm_change_value JsmChange.Operation
  case $value in
    [Rr][Ee][Pp][Oo][Rr][Tt] | [Tt][Ee][Ss][Tt]) ;;
    *)
      if declare -F set_octopusvariable >/dev/null; then
        set_octopusvariable Decision Error
        set_octopusvariable DecisionReason "$1"
      fi
      ;;
  esac
  if declare -F fail_step >/dev/null; then fail_step "$1"; fi
  exit 1
}

# Sets $node to a Node that is new enough.
jsm_change_find_node() {
  local version wanted way
  wanted='Node.js 20 or later'
  way='The easy way: run this step in the worker-tools image (octopusdeploy/worker-tools), which holds it. Or install Node.js on the worker and put it on the PATH of the account that runs the agent.'
  node=$(type -P node) || node=
  if [[ -z $node ]]; then
    jsm_change_fail "This step needs $wanted, and found no node on the PATH. $way"
  fi
  version=$("$node" --version 2>&1)
  if [[ ! $version =~ ^v([0-9]+)\.[0-9]+\.[0-9] ]]; then
    version=${version//[^A-Za-z0-9 ._\/-]/ }
    jsm_change_fail "This step needs $wanted, but $node does not tell its version; it says: ${version:0:300}. $way"
  fi
  if ((10#${BASH_REMATCH[1]} < 20)); then
    jsm_change_fail "This step needs $wanted, and found ${version%%[^v0-9.]*} at $node. $way"
  fi
}

# Sets $kept_in to where Octopus keeps its variables. The array is there on some servers and some versions of Bash only.
jsm_change_find_variables() {
  # shellcheck disable=SC2154 # Octopus fills the array, for scripts that mention octopus_parameters[
  if [[ $(declare -p octopus_parameters 2>/dev/null) == 'declare -A'* ]] && ((${#octopus_parameters[@]})); then
    kept_in=array
  elif declare -F get_octopusvariable >/dev/null; then
    kept_in=function
  fi
}

# Sets $names to the names of all Octopus variables.
jsm_change_list() {
  local name
  if [[ $kept_in == array ]]; then names=("${!octopus_parameters[@]}"); fi
  if [[ $kept_in != function ]]; then return; fi
  # The patterns of the function's case statement are the names in base64. Their padding is replaced by what decodes
  # to line ends, so that one base64 process decodes them all.
  while IFS= read -r name; do
    if [[ -n $name ]]; then names+=("$name"); fi
  done < <(
    declare -f get_octopusvariable |
      command sed -e '/^[[:space:]]*"\{0,1\}[A-Za-z0-9+/]\{2,\}=\{0,2\}"\{0,1\})$/!d' -e 's/[^A-Za-z0-9+/=]//g' \
        -e 's/[^=]$/&CgoK/' -e 's/==$/oK/' -e 's/=$/K/' |
      command base64 -d 2>/dev/null
  )
  # Another kind of function: ask it for each name that can be known.
  if ((${#names[@]} == 0)); then names=("${exact_names[@]}"); fi
}

# Sets $value to the exact value of a variable, with the line ends at its end; blank if there is none.
jsm_change_value() {
  value=
  case $kept_in in
    array)
      value=${octopus_parameters[$1]-}
      ;;
    function)
      value=$(get_octopusvariable "$1" && printf .) || value=
      value=${value%.}
      ;;
  esac
}

# Adds to $tokens the variables that a policy's connections name as "tokenVariable: NAME", in block or flow style.
jsm_change_tokens() {
  local line before value pending=
  local key="^(.*[[:space:]{,])?[\"']?tokenVariable[\"']?[[:space:]]*:[[:space:]]*(.*)\$"
  local marked='^[&!][^[:space:]]*[[:space:]]+(.*)$' comment='(^|[[:space:]])#'
  local double='^"(([^"\]|\\.)*)"' single="^'(([^']|'')*)'" either="\"[^\"]*\"|'[^']*'"
  # What stands for a quote or a backslash inside quotes, as patterns, and what it stands for.
  # shellcheck disable=SC1003
  local double_quote='\\"' backslashes='\\\\' single_quote="''"
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [[ -n $pending ]]; then
      [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
      pending=
      [[ $line =~ $key ]] || line="tokenVariable: ${line#"${line%%[![:space:]]*}"}"
    fi
    while [[ $line =~ $key ]]; do
      before=${BASH_REMATCH[1]-} value=${BASH_REMATCH[2]}
      line=$before
      while [[ $before =~ $either ]]; do before=${before/"${BASH_REMATCH[0]}"/}; done
      [[ $before =~ $comment ]] && continue
      if [[ $value =~ $marked ]]; then value=${BASH_REMATCH[1]}; fi
      if [[ $value =~ $double ]]; then
        value=${BASH_REMATCH[1]//$double_quote/\"}
        value=${value//$backslashes/\\}
      elif [[ $value =~ $single ]]; then
        value=${BASH_REMATCH[1]//$single_quote/\'}
      elif [[ -z $value || $value == '#'* ]]; then
        pending=yes
        continue
      else
        value=${value%%[[:space:]]#*}
        value=${value%"${value##*[![:space:]]}"}
        # In flow style the name ends at the bracket or comma.
        [[ -n ${known[${value,,}]-} ]] || value=${value%%[],\}]*}
        value=${value%"${value##*[![:space:]]}"}
      fi
      if [[ -n $value ]]; then tokens+=("$value"); fi
    done
  done < <(printf '%s\n' "$1")
}

# Fills $pairs with name, value, name, value ... of what the action reads, and nothing else. Octopus ignores the case
# of a variable's name; the action gets the name as it knows it.
jsm_change_gather() {
  local name lower target prefix suffix at value
  local -a names=() tokens=()
  local -A known=() wanted=() handed=()
  jsm_change_list
  ((${#names[@]})) || return 0
  for name in "${exact_names[@]}"; do wanted[${name,,}]=$name; done
  for name in "${names[@]}"; do
    if [[ -n $name ]]; then known[${name,,}]=$name; fi
  done
  if [[ -n ${known[jsmchange.policy]-} ]]; then
    jsm_change_value "${known[jsmchange.policy]}"
    jsm_change_tokens "$value"
  fi
  for name in ${tokens[@]+"${tokens[@]}"}; do
    if [[ -z ${wanted[${name,,}]-} ]]; then wanted[${name,,}]=$name; fi
  done
  for lower in "${!known[@]}"; do
    name=${known[$lower]}
    target=${wanted[$lower]-}
    if [[ -z $target ]]; then
      for ((at = 0; at < ${#pattern_ends[@]}; at += 2)); do
        prefix=${pattern_ends[at]} suffix=${pattern_ends[at + 1]}
        if [[ $lower == "${prefix,,}"?*"${suffix,,}" ]]; then
          target=$prefix${name:${#prefix}:${#name}-${#prefix}-${#suffix}}$suffix
          break
        fi
      done
    fi
    [[ -n $target ]] || continue
    jsm_change_value "$name"
    pairs+=("$target" "$value")
    handed[$lower]=yes
  done
  # A policy's secret comes from Octopus or is missing; what the worker's environment holds under that name is not it.
  for name in ${tokens[@]+"${tokens[@]}"}; do
    if [[ -z ${handed[${name,,}]-} && $name != *=* ]]; then pairs+=("$name" ''); fi
  done
}

jsm_change_launch() {
  local node out lifeline pid code kept_in='' stopped='' traps traced=''
  local -a pairs=()
  # What the action reads: exact names, and beginning and end of the names that hold a field or a step between them.
  local -a exact_names=('__NAMES__')
  local -a pattern_ends=('__PATTERN_ENDS__')
  # shellcheck disable=SC2016 # JavaScript, which has backticks of its own
  local loader='__LOADER__'
  local bundle='__BUNDLE__'
  case $- in *x*) traced=yes && set +x ;; esac

  jsm_change_find_variables
  jsm_change_find_node

  exec {out}>&1
  coproc JSM_CHANGE_NODE {
    # Companies put their own certificates into the system's store; Node looks there when told to.
    export NODE_USE_SYSTEM_CA="${NODE_USE_SYSTEM_CA-1}"
    exec "$node" -e "$loader" >&"$out" {out}>&-
  }
  pid=$!
  exec {lifeline}>&"${JSM_CHANGE_NODE[1]}" {out}>&-

  traps=$(trap -p TERM INT HUP PIPE)
  trap 'stopped=yes; kill -TERM "$pid" 2>/dev/null' TERM INT HUP
  # Should Node end early, its exit code tells, and not a signal to this shell.
  trap '' PIPE

  jsm_change_gather
  {
    printf '%s\0' "$bundle"
    ((${#pairs[@]} == 0)) || printf '%s\0%s\0' "${pairs[@]}"
    printf '\0'
  } 2>/dev/null 1>&"$lifeline"

  # A signal interrupts the wait; the action then ends by itself and is waited for again. No function of a script
  # module may stand in for the wait: the deployment would go on.
  builtin wait "$pid"
  code=$?
  while [[ $stopped == yes ]]; do
    stopped=seen
    builtin wait "$pid"
    code=$?
  done

  exec {lifeline}>&-
  unset JSM_CHANGE_NODE JSM_CHANGE_NODE_PID
  trap - TERM INT HUP PIPE
  eval "$traps"
  if [[ -n $stopped && $code -ne 1 ]]; then
    jsm_change_fail 'The step was stopped by a signal before the change request let the deployment go.'
  elif ((code > 1)); then
    jsm_change_fail "The action ended unexpectedly (exit code $code), so the deployment does not go on. The lines above tell more."
  fi
  if [[ -n $traced ]]; then set -x; fi
  return "$code"
}

jsm_change_launch || exit 1
unset -f jsm_change_fail jsm_change_find_node jsm_change_find_variables jsm_change_list jsm_change_value \
  jsm_change_tokens jsm_change_gather jsm_change_launch
