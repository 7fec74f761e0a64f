# SPDX-License-Identifier: MIT
# Makes the pages of the guide a table in C: cmake -DPAGES=… -DOUTPUT=… -P GuidePages.cmake
#
# PAGES: text files, the index first. The name of one is its topic, its first line is its title,
# after a comment with the licence.

set(table "")
foreach(page IN LISTS PAGES)
        get_filename_component(topic ${page} NAME_WE)
        file(READ ${page} text)
        if(NOT text MATCHES "^#[^\n]*\n([^\n]+)\n\n(.+)$")
                message(FATAL_ERROR "${page} is no licence, title, blank line and text.")
        endif()
        set(title "${CMAKE_MATCH_1}")
        set(text "${CMAKE_MATCH_2}")
        foreach(part title text)
                string(REPLACE "\\" "\\\\" ${part} "${${part}}")
                string(REPLACE "\"" "\\\"" ${part} "${${part}}")
        endforeach()
        string(REPLACE "\n" "\\n\"\n\"" text "${text}")
        string(APPEND table "{ \"${topic}\", \"${title}\",\n\"${text}\" },\n")
endforeach()
file(WRITE ${OUTPUT} "/* SPDX-License-Identifier: MIT */
#include \"cli/guide.h\"

const GuidePage guide_pages[] = {
${table}{ NULL, NULL, NULL },
};
")
