# Blocks the deployment until its Jira Service Management change request is approved and inside its window.
# Generated from the project's sources: change them there, then build the template anew.
#
# What this does, in order: find Node, start it, hand over the bundle and the variables, run, clean up. Everything goes
# through Node's standard input, so that no secret stands on a command line, in a file or in an environment that
# others can read, and nothing is written to the disk of the worker. That input stays open while the action runs: when
# this shell is killed it closes, and the action ends with it.

# Ends the step. A gate leaves its decision behind even when its action could not run.
jsm_change_fail() {
  local jsm_value=
  printf '%s\n' "$1"
  jsm_change_value JsmChange.Operation
  case $jsm_value in
    [Rr][Ee][Pp][Oo][Rr][Tt] | [Tt][Ee][Ss][Tt]) ;;
    *)
      if declare -F set_octopusvariable >/dev/null; then
        set_octopusvariable Decision Error
        set_octopusvariable DecisionReason "$1"
      fi
      ;;
  esac
  if declare -F fail_step >/dev/null; then fail_step "$1"; fi
  builtin exit 1
}

# Sets $jsm_node to a Node that is new enough, and $jsm_options to what to start it with.
jsm_change_find_node() {
  local jsm_version jsm_wanted jsm_way jsm_major jsm_minor
  jsm_wanted='Node.js 20 or later'
  jsm_way='The easy way: run this step in the worker-tools image (octopusdeploy/worker-tools), which holds it. Or install Node.js on the worker and put it on the PATH of the account that runs the agent.'
  jsm_node=$(type -P node) || jsm_node=
  if [[ -z $jsm_node ]]; then
    jsm_change_fail "This step needs $jsm_wanted, and found no node on the PATH. $jsm_way"
  fi
  jsm_version=$("$jsm_node" --version 2>&1)
  if [[ ! $jsm_version =~ ^v([0-9]+)\.([0-9]+)\.[0-9] ]]; then
    jsm_version=${jsm_version//[^A-Za-z0-9 ._\/-]/ }
    jsm_change_fail "This step needs $jsm_wanted, but $jsm_node does not tell its version; it says: ${jsm_version:0:300}. $jsm_way"
  fi
  jsm_major=$((10#${BASH_REMATCH[1]})) jsm_minor=$((10#${BASH_REMATCH[2]}))
  if ((jsm_major < 20)); then
    jsm_change_fail "This step needs $jsm_wanted, and found ${jsm_version%%[^v0-9.]*} at $jsm_node. $jsm_way"
  fi
  # Companies put their own certificates into the system's store; Node looks there when told to.
  if [[ -z ${NODE_USE_SYSTEM_CA+set} ]] && ((jsm_major >= 24 || jsm_major == 23 && jsm_minor >= 8 || jsm_major == 22 && jsm_minor >= 15)); then
    jsm_options+=(--use-system-ca)
  fi
}

# Sets $jsm_kept_in to where Octopus keeps its variables. The array is there on some servers and some versions of Bash only.
jsm_change_find_variables() {
  # shellcheck disable=SC2154 # Octopus fills the array, for scripts that mention octopus_parameters[
  if [[ $(declare -p octopus_parameters 2>/dev/null) == 'declare -A'* ]] && ((${#octopus_parameters[@]})); then
    jsm_kept_in=array
  elif declare -F get_octopusvariable >/dev/null; then
    jsm_kept_in=function
  fi
}

# Sets $jsm_names to the names of all Octopus variables.
jsm_change_list() {
  local jsm_name
  if [[ $jsm_kept_in == array ]]; then jsm_names=("${!octopus_parameters[@]}"); fi
  if [[ $jsm_kept_in != function ]]; then return; fi
  # The patterns of the function's case statement are the names in base64. Their padding is replaced by what decodes
  # to line ends, so that one base64 process decodes them all.
  while IFS= read -r jsm_name; do
    if [[ -n $jsm_name ]]; then jsm_names+=("$jsm_name"); fi
  done < <(
    declare -f get_octopusvariable |
      command sed -e '/^[[:space:]]*"\{0,1\}[A-Za-z0-9+/]\{2,\}=\{0,2\}"\{0,1\})$/!d' -e 's/[^A-Za-z0-9+/=]//g' \
        -e 's/[^=]$/&CgoK/' -e 's/==$/oK/' -e 's/=$/K/' |
      command base64 -d 2>/dev/null
  )
  # Another kind of function: ask it for each name that can be known.
  if ((${#jsm_names[@]} == 0)); then jsm_names=("${jsm_exact_names[@]}"); fi
}

# Sets $jsm_value to the exact value of a variable, with the line ends at its end; blank if there is none.
jsm_change_value() {
  jsm_value=
  case $jsm_kept_in in
    array)
      jsm_value=${octopus_parameters[$1]-}
      ;;
    function)
      jsm_value=$(get_octopusvariable "$1" && printf .) || jsm_value=
      jsm_value=${jsm_value%.}
      ;;
  esac
}

# Adds to $jsm_tokens the variables that a policy's connections name as "tokenVariable: NAME", in block or flow style.
jsm_change_tokens() {
  local jsm_line jsm_before jsm_value jsm_pending=
  local jsm_key="^(.*[[:space:]{,])?[\"']?tokenVariable[\"']?[[:space:]]*:[[:space:]]*(.*)\$"
  local jsm_marked='^[&!][^[:space:]]*[[:space:]]+(.*)$' jsm_comment='(^|[[:space:]])#'
  local jsm_double='^"(([^"\]|\\.)*)"' jsm_single="^'(([^']|'')*)'" jsm_either="\"[^\"]*\"|'[^']*'"
  # What stands for a quote or a backslash inside quotes, as patterns, and what it stands for.
  # shellcheck disable=SC1003
  local jsm_double_quote='\\"' jsm_backslashes='\\\\' jsm_single_quote="''"
  while IFS= read -r jsm_line; do
    jsm_line=${jsm_line%$'\r'}
    if [[ -n $jsm_pending ]]; then
      [[ $jsm_line =~ ^[[:space:]]*(#|$) ]] && continue
      jsm_pending=
      [[ $jsm_line =~ $jsm_key ]] || jsm_line="tokenVariable: ${jsm_line#"${jsm_line%%[![:space:]]*}"}"
    fi
    while [[ $jsm_line =~ $jsm_key ]]; do
      jsm_before=${BASH_REMATCH[1]-} jsm_value=${BASH_REMATCH[2]}
      jsm_line=$jsm_before
      while [[ $jsm_before =~ $jsm_either ]]; do jsm_before=${jsm_before/"${BASH_REMATCH[0]}"/}; done
      [[ $jsm_before =~ $jsm_comment ]] && continue
      if [[ $jsm_value =~ $jsm_marked ]]; then jsm_value=${BASH_REMATCH[1]}; fi
      if [[ $jsm_value =~ $jsm_double ]]; then
        jsm_value=${BASH_REMATCH[1]//$jsm_double_quote/\"}
        jsm_value=${jsm_value//$jsm_backslashes/\\}
      elif [[ $jsm_value =~ $jsm_single ]]; then
        jsm_value=${BASH_REMATCH[1]//$jsm_single_quote/\'}
      elif [[ -z $jsm_value || $jsm_value == '#'* ]]; then
        jsm_pending=yes
        continue
      else
        jsm_value=${jsm_value%%[[:space:]]#*}
        jsm_value=${jsm_value%"${jsm_value##*[![:space:]]}"}
        # In flow style the name ends at the bracket or comma.
        [[ -n ${jsm_known[${jsm_value,,}]-} ]] || jsm_value=${jsm_value%%[],\}]*}
        jsm_value=${jsm_value%"${jsm_value##*[![:space:]]}"}
      fi
      if [[ -n $jsm_value ]]; then jsm_tokens+=("$jsm_value"); fi
    done
  done < <(printf '%s\n' "$1")
}

# Fills $jsm_pairs with name, value, name, value ... of what the action reads, and nothing else. Octopus ignores the case
# of a variable's name; the action gets the name as it knows it.
jsm_change_gather() {
  local jsm_name jsm_lower jsm_target jsm_prefix jsm_suffix jsm_at jsm_value
  local -a jsm_names=() jsm_tokens=()
  local -A jsm_known=() jsm_wanted=() jsm_handed=()
  jsm_change_list
  ((${#jsm_names[@]})) || return 0
  for jsm_name in "${jsm_exact_names[@]}"; do jsm_wanted[${jsm_name,,}]=$jsm_name; done
  for jsm_name in "${jsm_names[@]}"; do
    if [[ -n $jsm_name ]]; then jsm_known[${jsm_name,,}]=$jsm_name; fi
  done
  if [[ -n ${jsm_known[jsmchange.policy]-} ]]; then
    jsm_change_value "${jsm_known[jsmchange.policy]}"
    jsm_change_tokens "$jsm_value"
  fi
  for jsm_name in ${jsm_tokens[@]+"${jsm_tokens[@]}"}; do
    if [[ -z ${jsm_wanted[${jsm_name,,}]-} ]]; then jsm_wanted[${jsm_name,,}]=$jsm_name; fi
  done
  for jsm_lower in "${!jsm_known[@]}"; do
    jsm_name=${jsm_known[$jsm_lower]}
    jsm_target=${jsm_wanted[$jsm_lower]-}
    if [[ -z $jsm_target ]]; then
      for ((jsm_at = 0; jsm_at < ${#jsm_pattern_ends[@]}; jsm_at += 2)); do
        jsm_prefix=${jsm_pattern_ends[jsm_at]} jsm_suffix=${jsm_pattern_ends[jsm_at + 1]}
        if [[ $jsm_lower == "${jsm_prefix,,}"?*"${jsm_suffix,,}" ]]; then
          jsm_target=$jsm_prefix${jsm_name:${#jsm_prefix}:${#jsm_name}-${#jsm_prefix}-${#jsm_suffix}}$jsm_suffix
          break
        fi
      done
    fi
    [[ -n $jsm_target ]] || continue
    jsm_change_value "$jsm_name"
    jsm_pairs+=("$jsm_target" "$jsm_value")
    jsm_handed[$jsm_lower]=yes
  done
  # A policy's secret comes from Octopus or is missing; what the worker's environment holds under that name is not it.
  for jsm_name in ${jsm_tokens[@]+"${jsm_tokens[@]}"}; do
    if [[ -z ${jsm_handed[${jsm_name,,}]-} && $jsm_name != *=* ]]; then jsm_pairs+=("$jsm_name" ''); fi
  done
}

jsm_change_launch() {
  local jsm_node jsm_out jsm_lifeline jsm_pid jsm_code jsm_kept_in='' jsm_stopped='' jsm_traps jsm_traced=''
  local -a jsm_pairs=() jsm_options=()
  # What the action reads: exact names, and beginning and end of the names that hold a field or a step between them.
  local -a jsm_exact_names=('__NAMES__')
  local -a jsm_pattern_ends=('__PATTERN_ENDS__')
  # shellcheck disable=SC2016 # JavaScript, which has backticks of its own
  local jsm_loader='__LOADER__'
  local jsm_bundle='__BUNDLE__'
  case $- in *x*) jsm_traced=yes && set +x ;; esac

  jsm_change_find_variables
  jsm_change_find_node

  exec {jsm_out}>&1
  coproc JSM_CHANGE_NODE {
    # Where it is set, Node prints its requests, with the token in them.
    unset NODE_DEBUG 2>/dev/null
    exec "$jsm_node" ${jsm_options[@]+"${jsm_options[@]}"} --input-type=commonjs -e "$jsm_loader" >&"$jsm_out" {jsm_out}>&-
  }
  jsm_pid=$!
  exec {jsm_lifeline}>&"${JSM_CHANGE_NODE[1]}" {jsm_out}>&-
  if [[ -z ${jsm_lifeline-} ]]; then
    builtin kill "$jsm_pid" 2>/dev/null
    jsm_change_fail 'Bash could not hand anything to Node, for an error that stands in this log, so the deployment does not go on.'
  fi

  jsm_traps=$(trap -p TERM INT HUP PIPE)
  trap 'jsm_stopped=yes; kill -TERM "$jsm_pid" 2>/dev/null' TERM INT HUP
  # Should Node end early, its exit code tells, and not a signal to this shell.
  trap '' PIPE

  jsm_change_gather
  {
    builtin printf '%s\0' "$jsm_bundle"
    ((${#jsm_pairs[@]} == 0)) || builtin printf '%s\0%s\0' "${jsm_pairs[@]}"
    builtin printf '\0'
  } 2>/dev/null 1>&"$jsm_lifeline"

  # A signal interrupts the wait; the action then ends by itself and is waited for again. No function of a script
  # module may stand in for the wait: the deployment would go on.
  builtin wait "$jsm_pid"
  jsm_code=$?
  while [[ $jsm_stopped == yes ]]; do
    jsm_stopped=seen
    builtin wait "$jsm_pid"
    jsm_code=$?
  done

  exec {jsm_lifeline}>&-
  unset JSM_CHANGE_NODE JSM_CHANGE_NODE_PID
  trap - TERM INT HUP PIPE
  eval "$jsm_traps"
  if [[ -n $jsm_stopped && $jsm_code -ne 1 ]]; then
    jsm_change_fail 'The step was stopped by a signal before the change request let the deployment go.'
  elif ((jsm_code != 1 && jsm_code != 64)); then
    # 64 is what the action ends with when it lets the deployment go: any Node can end with 0.
    jsm_change_fail "The action ended unexpectedly (exit code $jsm_code), so the deployment does not go on. The lines above tell more."
  fi
  if ((jsm_code == 64)); then jsm_change_outcome=go; else jsm_change_outcome=stop; fi
  if [[ -n $jsm_traced ]]; then set -x; fi
}

jsm_change_outcome=
if jsm_change_launch; then :; fi
# An error such as an assignment to a variable that someone has made read-only breaks the lines above off, and Bash
# goes on with the next one: only an outcome that was reached lets the deployment go.
case $jsm_change_outcome in
  go) ;;
  stop) builtin exit 1 ;;
  *) jsm_change_fail 'The step was broken off by an error of Bash, which stands in this log, so the deployment does not go on.' ;;
esac
[[ $jsm_change_outcome == go ]] || builtin exit 1
unset jsm_change_outcome
unset -f jsm_change_fail jsm_change_find_node jsm_change_find_variables jsm_change_list jsm_change_value \
  jsm_change_tokens jsm_change_gather jsm_change_launch
