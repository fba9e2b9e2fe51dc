// SPDX-License-Identifier: MIT
// The peer of bench/ndpipe: one field of every record by simdjson's on-demand parser, which reads in
// blocks of whole lines and writes through one large buffer. Each line is parsed where it stands, with
// `iterate`: its padding are the lines behind it. By `iterate_many` over the block it is slower.
//   ndpipe_simdjson FIELD BLOCK-BYTES <IN >OUT
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

using namespace simdjson;

static void write_all(std::string &out)
{
    for (size_t done = 0; done < out.size();) {
        const ssize_t n = write(STDOUT_FILENO, out.data() + done, out.size() - done);
        if (n < 0) {
            perror("write");
            exit(74);
        }
        done += size_t(n);
    }
    out.clear();
}

static void extract(std::string &out, ondemand::parser &parser, const char *data, size_t size,
                    size_t room, const char *field)
{
    for (size_t at = 0; at < size;) {
        const char *line = data + at;
        const size_t n = size_t(static_cast<const char *>(memchr(line, '\n', size - at)) - line);
        ondemand::document document = parser.iterate(padded_string_view(line, n, room - at));
        const std::string_view value = document[field].get_string();
        out.append(value);
        out.push_back('\n');
        at += n + 1;
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        return 64;
    }
    const size_t block = strtoull(argv[2], nullptr, 10);
    std::vector<char> buffer(2 * block + SIMDJSON_PADDING);
    std::string out;
    ondemand::parser parser;
    size_t have = 0;
    for (;;) {
        const ssize_t n = read(STDIN_FILENO, buffer.data() + have, block);
        if (n <= 0) {
            break;
        }
        have += size_t(n);
        const void *last = memrchr(buffer.data(), '\n', have);
        const size_t whole = last == nullptr ? 0 : size_t((const char *)last - buffer.data()) + 1;
        extract(out, parser, buffer.data(), whole, buffer.size(), argv[1]);
        memmove(buffer.data(), buffer.data() + whole, have - whole);
        have -= whole;
        if (out.size() > (1 << 16)) {
            write_all(out);
        }
    }
    write_all(out);
    return 0;
}
