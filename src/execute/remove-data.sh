# Removes data: the words are its folders. One that is a file system of its own can't go; what is in it does.
set -eu

for path; do
  if mountpoint -q "$path"; then
    find "$path" -xdev -mindepth 1 -delete
  else
    rm -rf -- "$path"
  fi
done
