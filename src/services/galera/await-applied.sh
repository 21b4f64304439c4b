# Waits until the member has applied everything that the old writer committed. sql.sh stands before it.
for _ in $(seq 100); do
  waiting=$(echo "SHOW GLOBAL STATUS LIKE 'wsrep_local_recv_queue'" | sql | cut -f 2)
  if [ "$waiting" = 0 ]; then exit 0; fi
  sleep 0.05
done
echo "it still has $waiting write sets to apply after 5 s" >&2
exit 1
