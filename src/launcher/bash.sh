# Blocks the deployment until its Jira Service Management change request is approved and inside its window.
# Generated from the project's sources: change them there, then build the template again.
#
# It lists the Octopus variables, finds Node, starts it, passes it the bundle and the variables, reads its
# error output, and cleans up. Everything goes through Node's standard input, so that no secret is on a
# command line, in a file or in an environment that others can read, and the action runs from memory. The
# input stays open while the action runs: if this shell is killed, the input closes, and the action ends too.
# Node's error output comes back here: it contains the action's status lines (loader.cjs describes them), and
# anything else in it is shown as a warning.

# Ends the step with an exit code that no trap of a script module can change; its EXIT trap still runs.
jsm_change_exit() {
  # Without the traps of signals too: one that arrives during a slow EXIT trap might run `exit 0`.
  builtin trap - EXIT {1..64} 2>/dev/null || :
  (eval "${jsm_change_traps-}") || :
  builtin exit "$1"
}

# Sets $jsm_coded to the base64 of an ASCII text, without the external programs that Octopus' functions need.
jsm_change_encode() {
  local LC_ALL=C jsm_at jsm_bits jsm_from
  jsm_coded=
  for ((jsm_at = 0; jsm_at < ${#1}; jsm_at += 3)); do
    builtin printf -v jsm_bits '(%d<<16)+(%d<<8)+%d' "'${1:jsm_at:1}" "'${1:jsm_at+1:1}" "'${1:jsm_at+2:1}"
    jsm_bits=$((jsm_bits))
    for jsm_from in 18 12 6 0; do jsm_coded+=${jsm_digits:(jsm_bits>>jsm_from)&63:1}; done
  done
  case $((${#1} % 3)) in
    1) jsm_coded=${jsm_coded%??}== ;;
    2) jsm_coded=${jsm_coded%?}= ;;
  esac
}

# Prints a service message. $1: its name; then, for each attribute, its name and its value.
jsm_change_message() {
  local jsm_coded jsm_message="##octopus[$1"
  builtin shift
  while (($#)); do
    jsm_change_encode "$2"
    jsm_message+=" $1='$jsm_coded'"
    builtin shift 2
  done
  builtin printf '%s]\n' "$jsm_message"
}

# Prints lines as warnings, in ASCII; none of them can be a service message.
jsm_change_warn() {
  local LC_ALL=C jsm_line
  builtin printf '##octopus[stdout-warning]\n'
  for jsm_line; do
    jsm_line=${jsm_line//[^ -~]/?}
    builtin printf '%s\n' "${jsm_line//##/??}"
  done
  builtin printf '##octopus[stdout-default]\n'
}

# Prints the operation of a template that has only one; otherwise nothing.
jsm_change_fixed() { builtin printf '%s' '__OPERATION__'; }

# Prints the value of JsmChange.Operation. Uses no variables of this script, so that it works even if a script
# module has made their names read-only.
jsm_change_operation() {
  if [[ -n $(jsm_change_fixed) ]]; then
    jsm_change_fixed
  elif [[ $(declare -p octopus_parameters 2>/dev/null) == 'declare -A'* && -n ${octopus_parameters[JsmChange.Operation]-} ]]; then
    builtin printf '%s' "${octopus_parameters[JsmChange.Operation]}"
  elif declare -F get_octopusvariable >/dev/null; then
    get_octopusvariable JsmChange.Operation 2>/dev/null
  fi
}

# Ends the step with a decision code and a message. A Report only warns (B10), unless a signal ends it.
jsm_change_fail() {
  local LC_ALL=C jsm_text=${2:0:1500} jsm_operation jsm_kind=''
  local jsm_digits=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
  jsm_text=${jsm_text//[^ -~]/?}
  jsm_text=${jsm_text//##/??}
  jsm_operation=$(jsm_change_operation)
  if [[ ${jsm_operation,,} =~ ^[[:space:]]*(report|test|resume)[[:space:]]*$ ]]; then jsm_kind=${BASH_REMATCH[1]}; fi
  if [[ $jsm_kind == report && $1 != Cancelled ]]; then
    jsm_change_warn "$jsm_text The change request was not updated. The deployment is not affected."
    jsm_change_exit 0
  fi
  builtin printf '%s\n' "$jsm_text"
  if [[ -z $jsm_kind ]]; then
    jsm_change_message setVariable name Decision value Error
    jsm_change_message setVariable name DecisionCode value "$1"
    jsm_change_message setVariable name DecisionReason value "$jsm_text"
  fi
  jsm_change_message resultMessage message "$jsm_text"
  jsm_change_exit 1
}

# Sets $jsm_lines to the lines of a text, without a here-document, since Bash may need a file for one.
jsm_change_split() {
  local IFS=$'\n' jsm_glob=''
  case $- in *f*) ;; *) jsm_glob=yes ;; esac
  set -f
  # shellcheck disable=SC2206 # split on purpose
  jsm_lines=($1)
  if [[ -n $jsm_glob ]]; then set +f; fi
}

# Sets $jsm_answer to the first line that the program $1 prints for --version: on standard output or, if $2 is
# not empty, on error output. The program gets no input, and is killed if it does not answer in time.
jsm_change_ask() {
  local jsm_in='' jsm_go='' jsm_pid
  jsm_answer=
  {
    coproc JSM_CHANGE_NODE {
      # Wait until the shell has copied its ends of the pipes: Bash closes them when this process ends.
      builtin read -r || builtin exit 1
      # NODE_OPTIONS takes effect when the action starts, and any problem is reported then (B9).
      unset NODE_OPTIONS
      if [[ -n $2 ]]; then exec "$1" --version </dev/null 2>&1 >/dev/null; fi
      exec "$1" --version </dev/null 2>/dev/null
    }
  } 2>/dev/null
  jsm_pid=$!
  exec {jsm_in}<&"${JSM_CHANGE_NODE[0]}" {jsm_go}>&"${JSM_CHANGE_NODE[1]}"
  builtin printf '\n' >&"$jsm_go"
  exec {jsm_go}>&-
  IFS= builtin read -r -t 10 -u "$jsm_in" jsm_answer
  if (($? > 128)); then jsm_answer='no answer within 10 seconds'; fi
  exec {jsm_in}<&-
  builtin kill -KILL "$jsm_pid" 2>/dev/null
  builtin wait "$jsm_pid" 2>/dev/null
  unset JSM_CHANGE_NODE
}

# Sets $jsm_node to the first Node on the PATH that starts and is new enough, and $jsm_options for it.
jsm_change_find_node() {
  local jsm_path jsm_answer jsm_found='' jsm_major jsm_minor
  local -a jsm_lines
  local jsm_excluded='use[-_](openssl|bundled|system)[-_]ca'
  jsm_change_split "$(builtin type -aP node)"
  for jsm_path in ${jsm_lines[@]+"${jsm_lines[@]}"}; do
    jsm_change_ask "$jsm_path" ''
    if [[ $jsm_answer =~ ^v([0-9]{1,4})\.([0-9]{1,4})\.[0-9]+ ]]; then
      jsm_major=$((10#${BASH_REMATCH[1]})) jsm_minor=$((10#${BASH_REMATCH[2]}))
      if ((jsm_major >= 20)); then
        jsm_node=$jsm_path
        break
      fi
      jsm_found+=", ${BASH_REMATCH[0]} at $jsm_path"
    else
      if [[ -z $jsm_answer ]]; then jsm_change_ask "$jsm_path" stderr; fi
      jsm_found+=", $jsm_path, which does not report a version (${jsm_answer:0:200})"
    fi
  done
  if [[ -z $jsm_node ]]; then
    jsm_found=${jsm_found#, }
    jsm_change_fail NotStarted "This step needs Node.js 20 or later, and the PATH of this worker has ${jsm_found:-no node at all}. The easiest fix: run this step in the worker-tools image (octopusdeploy/worker-tools), which contains Node.js. Otherwise install Node.js on the worker and put it on the PATH of the account that runs the agent."
  fi
  # Companies put their own certificates into the system's store, which Node reads only on request. Node ends
  # immediately if its options name two stores.
  if [[ -z ${NODE_USE_SYSTEM_CA+set} && ! ${NODE_OPTIONS-} =~ $jsm_excluded ]] &&
    ((jsm_major >= 24 || jsm_major == 23 && jsm_minor >= 8 || jsm_major == 22 && jsm_minor >= 15)); then
    jsm_options+=(--use-system-ca)
  fi
}

# Sets $jsm_decoded to the text that a base64 text encodes.
jsm_change_decode() {
  local jsm_at jsm_four jsm_three jsm_bits jsm_digit jsm_before
  jsm_decoded=
  for ((jsm_at = 0; jsm_at < ${#1}; jsm_at += 4)); do
    jsm_four=${1:jsm_at:4}
    # Most names have the same beginning, so each group of four digits is decoded once.
    jsm_three=${jsm_cache[$jsm_four]-}
    if [[ -z $jsm_three ]]; then
      jsm_bits=0
      for jsm_digit in 0 1 2 3; do
        # A digit's value is the number of digits before it; for "=" that is 64, which becomes 0.
        jsm_before=${jsm_digits%%"${jsm_four:jsm_digit:1}"*}
        jsm_bits=$((jsm_bits << 6 | ${#jsm_before} & 63))
      done
      builtin printf -v jsm_three '\\%03o\\%03o\\%03o' $((jsm_bits >> 16)) $((jsm_bits >> 8 & 255)) $((jsm_bits & 255))
      case $jsm_four in
        *==) jsm_three=${jsm_three:0:4} ;;
        *=) jsm_three=${jsm_three:0:8} ;;
      esac
      # shellcheck disable=SC2059 # made two lines above
      builtin printf -v jsm_three "$jsm_three"
      jsm_cache[$jsm_four]=$jsm_three
    fi
    jsm_decoded+=$jsm_three
  done
}

# Fills $jsm_names with the names of this product's and Octopus' own variables, each under its lower-case
# form, and sets $jsm_array if an array has all values. Fails the step if it cannot list every variable: the
# step never runs with only some of them.
jsm_change_list() {
  local LC_ALL=C jsm_line jsm_name jsm_coded='' jsm_decoded jsm_clauses=0 jsm_listed=0
  local -a jsm_lines
  local -A jsm_cache=()
  if ! declare -F get_octopusvariable >/dev/null; then
    jsm_change_fail NotStarted "The Octopus variables cannot be read: Octopus' script functions (get_octopusvariable) are missing. Raw scripting over SSH does not have them. Run this step on a worker with a Tentacle or with Calamari."
  fi
  # The function has a clause for each variable: its name in base64, then the command that decrypts its value.
  jsm_change_split "$(declare -f get_octopusvariable)"
  for jsm_line in "${jsm_lines[@]}"; do
    if [[ $jsm_line == *';;' ]]; then
      jsm_clauses=$((jsm_clauses + 1))
    elif [[ $jsm_line =~ ^[[:space:]]*\"?([A-Za-z0-9+/]{2,}={0,2})\"?\)$ ]]; then
      jsm_listed=$((jsm_listed + 1))
      jsm_name=${BASH_REMATCH[1]}
      # The beginnings of Octopus and JsmChange in base64, in any case; other names are skipped.
      case $jsm_name in [Tb][02]N[0U]* | [Sa][nl]N[tN]*) ;; *) continue ;; esac
      jsm_coded=$jsm_name
      jsm_change_decode "$jsm_name"
      jsm_names[${jsm_decoded,,}]=$jsm_decoded
    fi
  done
  # There is one more clause, for any other name.
  if ((jsm_listed == 0 || jsm_listed + 1 != jsm_clauses)); then
    jsm_change_fail NotStarted "The Octopus variables cannot be listed: Octopus' function get_octopusvariable is not as expected ($jsm_listed names in $jsm_clauses clauses). Please report this with the version of the Octopus server."
  fi
  # Some servers also provide an array, which is faster. If it lacks a name, filling it failed.
  # shellcheck disable=SC2154 # Octopus fills the array, for scripts that mention octopus_parameters[
  if [[ $(declare -p octopus_parameters 2>/dev/null) == 'declare -A'* ]]; then
    jsm_array=yes
    for jsm_name in ${jsm_names[@]+"${jsm_names[@]}"}; do
      if [[ -z ${octopus_parameters[$jsm_name]+set} ]]; then
        jsm_array=
        break
      fi
    done
  fi
  if [[ -z $jsm_array && -n $jsm_coded ]]; then
    jsm_change_decode "$jsm_coded"
    if declare -F encode_servicemessagevalue >/dev/null && [[ $(encode_servicemessagevalue "$jsm_decoded" 2>/dev/null) != "$jsm_coded" ]]; then
      jsm_name=
      if ! builtin type -P openssl >/dev/null; then jsm_name=' The program openssl, which they need, is not on the PATH: install it on the worker.'; fi
      jsm_change_fail NotStarted "The Octopus variables cannot be read: Octopus' script functions do not work on this worker.$jsm_name"
    fi
  fi
}

# Fills $jsm_pairs with name, value, name, value ... of the variables that the action reads, and no others.
# Octopus ignores case in variable names, so each name is passed as the action spells it. Sets $jsm_problem if
# a value cannot be read.
jsm_change_gather() {
  local LC_ALL=C jsm_name jsm_lower jsm_target jsm_prefix jsm_suffix jsm_at jsm_value
  local -A jsm_wanted=()
  for jsm_name in "${jsm_exact_names[@]}"; do jsm_wanted[${jsm_name,,}]=$jsm_name; done
  for jsm_lower in ${jsm_names[@]+"${!jsm_names[@]}"}; do
    jsm_name=${jsm_names[$jsm_lower]}
    jsm_target=${jsm_wanted[$jsm_lower]-}
    for ((jsm_at = 0; jsm_at < ${#jsm_pattern_ends[@]}; jsm_at += 2)); do
      [[ -z $jsm_target ]] || break
      jsm_prefix=${jsm_pattern_ends[jsm_at]} jsm_suffix=${jsm_pattern_ends[jsm_at + 1]}
      if [[ $jsm_lower == "${jsm_prefix,,}"?*"${jsm_suffix,,}" ]]; then
        jsm_target=$jsm_prefix${jsm_name:${#jsm_prefix}:${#jsm_name}-${#jsm_prefix}-${#jsm_suffix}}$jsm_suffix
      fi
    done
    [[ -n $jsm_target ]] || continue
    if [[ -n $jsm_array ]]; then
      jsm_value=${octopus_parameters[$jsm_name]-}
    elif jsm_value=$(get_octopusvariable "$jsm_name" && builtin printf .); then
      jsm_value=${jsm_value%.}
    else
      jsm_problem="Octopus' function get_octopusvariable cannot read the variable $jsm_name on this worker."
      return
    fi
    jsm_pairs+=("$jsm_target" "$jsm_value")
  done
  # If a name has two values, the action uses the last.
  jsm_value=$(jsm_change_fixed)
  if [[ -n $jsm_value ]]; then jsm_pairs+=(JsmChange.Operation "$jsm_value"); fi
}

# Reads Node's error output until Node ends. The action's status lines set $jsm_begun and $jsm_end; everything
# else, at most the first and last 20,000 characters, goes to $jsm_said. Each read has a timeout, because an
# older Bash handles signals only between reads.
jsm_change_listen() {
  local LC_ALL=C jsm_line jsm_text='' jsm_read
  local -a jsm_lines
  while :; do
    jsm_line=
    builtin read -r -N 16384 -t 2 -u "$jsm_heard" jsm_line
    jsm_read=$?
    jsm_text+=$jsm_line
    if [[ $jsm_text == *"$jsm_sign begun"* ]]; then jsm_begun=yes; fi
    if ((${#jsm_text} > 40000)); then jsm_text=${jsm_text:0:20000}${jsm_text: -20000}; fi
    # A program that Node started may keep the pipe open after Node has ended.
    ((jsm_read == 0)) || { ((jsm_read > 128)) && builtin kill -0 "$jsm_pid" 2>/dev/null; } || break
  done
  jsm_change_split "$jsm_text"
  for jsm_line in ${jsm_lines[@]+"${jsm_lines[@]}"}; do
    case $jsm_line in
      "$jsm_sign begun") ;;
      "$jsm_sign allowed" | "$jsm_sign ended") jsm_end=${jsm_line##* } ;;
      *) jsm_said+=("${jsm_line:0:1000}") ;;
    esac
  done
}

# Runs the action and sets $jsm_change_outcome. $1: the shell's options.
jsm_change_launch() {
  # A trace would print values, and other programs would see exported variables.
  set +ax
  local jsm_node='' jsm_out='' jsm_lifeline='' jsm_heard='' jsm_pid jsm_code jsm_array='' jsm_stopped='' jsm_traps
  local jsm_key='' jsm_sign='' jsm_at jsm_begun='' jsm_end='' jsm_problem=''
  local jsm_digits=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/
  local -a jsm_pairs=() jsm_options=() jsm_said=()
  local -A jsm_names=()
  # The variables that the action reads: exact names, and beginning and end of names with free text between.
  local -a jsm_exact_names=('__NAMES__')
  local -a jsm_pattern_ends=('__PATTERN_ENDS__')
  # shellcheck disable=SC2016 # they contain dollars and backticks of their own
  local jsm_loader='__LOADER__' jsm_bundle='__BUNDLE__'

  jsm_change_list
  jsm_change_find_node

  # A random key for this run, which the action returns reversed: echoing the input proves nothing (B8).
  for jsm_at in 1 2 3 4 5 6 7 8; do builtin printf -v jsm_key '%s%04x' "$jsm_key" "${RANDOM:-0}"; done
  # Add the time, since $RANDOM may have been seeded, and in a container the process id may never change.
  builtin printf -v jsm_key '%s-%(%s)T-%d' "$jsm_key" -1 $$
  for ((jsm_at = 0; jsm_at < ${#jsm_key}; jsm_at++)); do jsm_sign=${jsm_key:jsm_at:1}$jsm_sign; done

  jsm_traps=$(builtin trap -p TERM INT HUP PIPE)
  builtin trap 'jsm_stopped=yes; builtin kill -TERM "${jsm_pid-}" 2>/dev/null' TERM INT HUP
  # If Node ends early, its output must show that, and SIGPIPE must not end this shell.
  builtin trap '' PIPE

  exec {jsm_out}>&1
  {
    coproc JSM_CHANGE_NODE {
      builtin trap - TERM INT HUP PIPE
      builtin read -r || builtin exit 1
      # If NODE_DEBUG is set, Node may print its requests, including the token.
      unset NODE_DEBUG
      exec "$jsm_node" ${jsm_options[@]+"${jsm_options[@]}"} --input-type=commonjs -e "$jsm_loader" 2>&1 >&"$jsm_out" {jsm_out}>&-
    }
  } 2>/dev/null
  jsm_pid=$!
  exec {jsm_heard}<&"${JSM_CHANGE_NODE[0]}" {jsm_lifeline}>&"${JSM_CHANGE_NODE[1]}" {jsm_out}>&-
  if [[ -z $jsm_heard || -z $jsm_lifeline ]]; then
    jsm_change_fail NotStarted 'Bash could not start Node.js. This log shows the error.'
  fi
  builtin printf '\n' 2>/dev/null 1>&"$jsm_lifeline"

  jsm_change_gather
  if [[ -z $jsm_problem ]]; then
    {
      builtin printf '%s\0' "$jsm_bundle" "$jsm_key"
      ((${#jsm_pairs[@]} == 0)) || builtin printf '%s\0%s\0' "${jsm_pairs[@]}"
      builtin printf '\0'
    } 2>/dev/null 1>&"$jsm_lifeline"
  else
    exec {jsm_lifeline}>&-
    unset JSM_CHANGE_NODE
    builtin kill -KILL "$jsm_pid" 2>/dev/null
  fi
  jsm_change_listen

  # A signal interrupts the wait; the action then ends, and the shell waits for it again. `builtin` prevents a
  # function of a script module from replacing the wait.
  builtin wait "$jsm_pid" 2>/dev/null
  jsm_code=$?
  while [[ $jsm_stopped == yes ]]; do
    jsm_stopped=seen
    builtin wait "$jsm_pid" 2>/dev/null
    jsm_code=$?
  done

  exec {jsm_heard}<&-
  if [[ -z $jsm_problem ]]; then exec {jsm_lifeline}>&-; fi
  unset JSM_CHANGE_NODE JSM_CHANGE_NODE_PID
  builtin trap - TERM INT HUP PIPE
  eval "$jsm_traps"
  ((${#jsm_said[@]} == 0)) || jsm_change_warn "${jsm_said[@]}"

  if [[ -n $jsm_problem ]]; then
    jsm_change_fail NotStarted "$jsm_problem"
  elif [[ $jsm_end == allowed && $jsm_code == 0 && -z $jsm_stopped ]]; then
    jsm_change_outcome=go
  elif [[ $jsm_end == ended ]]; then
    # The action has already reported everything.
    jsm_change_outcome=stop
  elif [[ -n $jsm_stopped ]]; then
    jsm_change_fail Cancelled 'The step was stopped by a signal before it allowed the deployment.'
  elif [[ -z $jsm_begun ]]; then
    jsm_at=
    if [[ -n ${NODE_OPTIONS-} ]]; then jsm_at=' NODE_OPTIONS is set on this worker: check what it asks for, or remove it.'; fi
    jsm_change_fail NotStarted "Node.js ($jsm_node) ended before the action began (exit code $jsm_code).$jsm_at If Node.js gave a reason, it is in the warning above; otherwise the worker may be short of memory."
  else
    jsm_change_fail Unexpected "The action ended unexpectedly (exit code $jsm_code). The lines above say more."
  fi
  if [[ $1 == *a* ]]; then set -a; fi
  if [[ $1 == *x* ]]; then set -x; fi
}

# From here on, anything that ends this script, such as a trap of a script module, ends it with 1 (B8).
builtin unset -v jsm_change_outcome jsm_change_saved jsm_change_traps 2>/dev/null || {
  builtin trap 'jsm_change_exit 1' EXIT
  jsm_change_fail Unexpected 'A script module has made the variable jsm_change_outcome, jsm_change_saved or jsm_change_traps read-only.'
}
# The command that saves the traps also sets this one, because a CHLD trap runs right after the substitution.
jsm_change_saved=${jsm_change_traps:=$(builtin trap -p EXIT CHLD DEBUG RETURN ERR)} builtin trap 'jsm_change_exit 1' EXIT
builtin trap - CHLD DEBUG RETURN ERR
if jsm_change_launch "$-" 2>&1; then :; fi
# An error, such as an assignment to a read-only variable, aborts the command above, and Bash continues with
# the next one. Only an outcome that was reached allows the deployment.
case ${jsm_change_outcome-} in
  go) ;;
  stop) jsm_change_exit 1 ;;
  *) jsm_change_fail Unexpected 'An error in Bash ended the step. This log shows the error.' ;;
esac
[[ $jsm_change_outcome == go ]] || builtin exit 1
builtin trap - EXIT
eval "$jsm_change_traps"
unset -v jsm_change_outcome jsm_change_traps
unset -f jsm_change_exit jsm_change_encode jsm_change_message jsm_change_warn jsm_change_fixed jsm_change_operation jsm_change_fail \
  jsm_change_split jsm_change_ask jsm_change_find_node jsm_change_decode jsm_change_list jsm_change_gather \
  jsm_change_listen jsm_change_launch
