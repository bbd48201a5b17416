# Stands in for the script that Octopus puts before a step's own: the helper functions, and the variables, encrypted.
# A test calls it as `bash octopus-bootstrap.sh BODY VARIABLES` with the options (`array`, `errexit`, `nounset`,
# `xtrace`, `compare`, `module=FILE`; empty for none) as one line on standard input. VARIABLES is the text of
# octopus-variables.ts. What a step may not change is checked after the body has run.

stand_in_body=$1

encode_servicemessagevalue() {
  printf '%s' "$1" | openssl enc -base64 -A
}

decrypt_variable() {
  # shellcheck disable=SC2154 # set in VARIABLES
  printf '%s\n' "$1" | openssl enc -d -a -A -aes-256-cbc -nosalt -K "$stand_in_key" -iv "$2"
}

fail_step() {
  if [ -n "${1:-}" ]; then echo "##octopus[resultMessage message='$(encode_servicemessagevalue "$1")']"; fi
  exit 1
}

set_octopusvariable() {
  echo "##octopus[setVariable name='$(encode_servicemessagevalue "$1")' value='$(encode_servicemessagevalue "$2")']"
}

stand_in_level() {
  echo "##octopus[stdout-$1]"
  echo "$2"
  echo '##octopus[stdout-default]'
}

write_verbose() { stand_in_level verbose "$1"; }
write_highlight() { stand_in_level highlight "$1"; }
write_wait() { stand_in_level wait "$1"; }
write_warning() { stand_in_level warning "$1"; }

update_progress() {
  echo "##octopus[progress percentage='$(encode_servicemessagevalue "$1")' message='$(encode_servicemessagevalue "$2")']"
}

read -r stand_in_options
# Sets stand_in_key and stand_in_values, and defines get_octopusvariable.
# shellcheck disable=SC1090
source "$2"

# The array is there for a text that mentions it, on a server that has it switched on, from Bash 4.3 on.
if [[ $stand_in_options == *array* ]] && grep -q 'octopus_parameters\[' "$stand_in_body"; then
  declare -A octopus_parameters=()
  # shellcheck disable=SC2154 # set in VARIABLES
  for stand_in_name in "${!stand_in_values[@]}"; do
    # shellcheck disable=SC2034 # the body uses it
    octopus_parameters[$stand_in_name]=${stand_in_values[$stand_in_name]}
  done
fi
unset stand_in_values

if [[ $stand_in_options =~ module=([^ ]+) ]]; then
  # shellcheck disable=SC1090
  source "${BASH_REMATCH[1]}"
fi

# The shell as it is, less what every command changes.
stand_in_state() {
  declare -p | grep -Ev '^declare [-a-zA-Z]+ (_|BASH_[A-Z]+|BASHPID|EPOCH[A-Z]+|FUNCNAME|LINENO|PIPESTATUS|RANDOM|SECONDS|SRANDOM|stand_in_[a-z]+)(=|$)'
  declare -F
  trap -p
  shopt -p
  set +o
  ls /proc/$$/fd
  export -p
}

case $stand_in_options in *errexit*) set -e ;; esac
case $stand_in_options in *nounset*) set -u ;; esac
case $stand_in_options in *xtrace*) set -x ;; esac
if [[ $stand_in_options == *compare* ]]; then
  stand_in_state >"$stand_in_body.before"
  # shellcheck disable=SC1090
  source "$stand_in_body"
  stand_in_state >"$stand_in_body.after"
  diff "$stand_in_body.before" "$stand_in_body.after" || echo 'The body has changed the shell.'
  echo 'Compared.'
else
  # shellcheck disable=SC1090
  source "$stand_in_body"
fi
