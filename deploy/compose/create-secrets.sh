#!/bin/sh
# Creates the secrets of docker-compose.yml, one a file:
#
#   sh deploy/compose/create-secrets.sh              # in ./secrets
#   sh deploy/compose/create-secrets.sh DIRECTORY
#
# A file that exists is kept. A variable such as JWT_SECRET sets the value of a new one; else it is random, or empty
# where the service does without. database-url, database-migration-url and redis.conf contain a password of another file:
# they follow it, unless you have changed more of them than the password, such as the host of a URL.
# Only you can open the directory; the files in it are readable for the containers' users.
set -eu

directory=${1:-$(dirname "$0")/../../secrets}
umask 022
mkdir -p "$directory"
chmod 700 "$directory"

random() {
  od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# keep NAME VALUE: writes a file unless it exists.
keep() {
  if [ ! -e "$directory/$1" ]; then
    printf '%s\n' "$2" >"$directory/$1"
    echo "created $1"
  fi
}

# password NAME: prints a password, which becomes part of a URL or of a line of redis.conf.
password() {
  value=$(cat "$directory/$1")
  case $value in
    '' | *[!A-Za-z0-9]*)
      echo "$directory/$1 must hold letters and digits only: correct it, then run this again" >&2
      exit 1
      ;;
  esac
  printf %s "$value"
}

# derive NAME BEFORE PASSWORD AFTER: writes a file around a password, unless it is another text than that.
derive() {
  file=$directory/$1
  if [ -s "$file" ]; then
    text=$(cat "$file")
    case $text in
      "$2$3$4") return ;;
      "$2"*"$4") former=${text#"$2"} former=${former%"$4"} ;;
      *) former= ;;
    esac
    case $former in
      '' | *[!A-Za-z0-9]*)
        echo "kept $1, which you have changed: a new password is yours to put in"
        return
        ;;
    esac
  fi
  printf '%s\n' "$2$3$4" >"$file"
}

keep postgres-owner-password "${POSTGRES_PASSWORD:-$(random)}"
keep postgres-service-password "${POSTGRES_SERVICE_PASSWORD:-$(random)}"
keep redis-password "${REDIS_PASSWORD:-$(random)}"
# The Identity service needs the same value: put its secret here.
keep jwt-secret "${JWT_SECRET:-$(random)}"
keep jwt-secret-previous "${JWT_SECRET_PREVIOUS:-}"
keep internal-api-key "${INTERNAL_API_KEY:-$(random)}"
keep otel-headers "${OTEL_EXPORTER_OTLP_HEADERS:-}"

owner=$(password postgres-owner-password)
service=$(password postgres-service-password)
redis=$(password redis-password)
derive database-migration-url postgresql://analytics_owner: "$owner" @postgres:5432/rwa_analytics
derive database-url postgresql://analytics_app: "$service" @postgres:5432/rwa_analytics
derive redis.conf 'requirepass ' "$redis" ''
