# Turn the weights' file into a C header: cmake -DIN=x.weights -DOUT=x.h -P this.
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "((0x[0-9a-f][0-9a-f],){20})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUT} "#include <stdint.h>\n\nstatic const uint8_t imi_ocrb_weights[] = {\n${bytes}};\n")
