io.read("a")
while true do end
