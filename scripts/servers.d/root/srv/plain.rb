require 'socket'
server = TCPServer.new(8080)
loop { server.accept.close }
